"""mnist-mlp: the fully connected net of PyTorch courses, 784-512-256-128-64-10. Train it with `zoo train mnist-mlp`."""

from models.entry import Augment, Entry, Recipe
from models.processors.ink import Ink


def net(classes: int = 10):
    """x: float32 (N, 1, 28, 28), ink in 0 to 1."""
    from torch import nn

    from models.nets.classifier import Classifier

    trunk = nn.Sequential(
        nn.Flatten(),  # (N, 784)
        nn.Linear(784, 512),
        nn.ReLU(),
        nn.Linear(512, 256),
        nn.ReLU(),
        nn.Linear(256, 128),
        nn.ReLU(),
        nn.Linear(128, 64),
        nn.ReLU(),  # (N, 64)
    )
    return Classifier(trunk, head=nn.Linear(64, classes))


ENTRY = Entry(
    slug="mnist-mlp",
    title="Course MLP",
    task="digits",
    description="Five linear layers that see the image as a row of 784 pixels, without knowing which of them are "
    "neighbours.",
    processor=Ink,
    net=net,
    recipe=Recipe(
        datasets=("mnist", "unipen-digits", "digit-forms"),
        epochs=30,
        lr=2e-3,
        augment=Augment(rotate=7, scale=0.07, shear=0.07, shift=1, elastic=1),
        refit=False,  # a twelfth more examples are not worth twice the time
    ),
    seeds=(0,),
    outliers=("random-figures", "unipen-letters", "digit-pairs"),
)
