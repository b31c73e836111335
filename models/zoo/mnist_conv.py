"""mnist-conv: six small convolutions with batch norm; letters-transfer starts from its trunk.

`zoo train mnist-conv`.
"""

from models.entry import Augment, Entry, Recipe
from models.processors.ink import Ink


def net(classes: int = 10, dropout: float = 0.1):
    """x: float32 (N, 1, 28, 28), ink in 0 to 1."""
    from torch import nn

    from models.nets.classifier import Classifier
    from models.nets.conv import ConvTrunk

    return Classifier(ConvTrunk(dropout), head=nn.Linear(256, classes))


ENTRY = Entry(
    slug="mnist-conv",
    title="Deep CNN",
    task="digits",
    description="Six small convolutions in a row: thirty times the parameters of the Course CNN, and "
    "slightly fewer mistakes on MNIST.",
    processor=Ink,
    net=net,
    recipe=Recipe(
        datasets=("mnist", "unipen-digits", "digit-forms"),
        epochs=8,
        batch=128,
        lr=4e-3,
        # label smoothing helps on digits but hurts transfer to other tasks (Kornblith et al., 2021)
        label_smoothing=0.0,
        augment=Augment(rotate=12, scale=0.15, shear=0.3, shift=1.5, elastic=1.0, thickness=0.5),  # as for letters
        refit=False,  # its trunk is what matters; a refit would double the training time
    ),
    seeds=(0,),
    outliers=("random-figures", "unipen-letters", "digit-pairs"),
)
