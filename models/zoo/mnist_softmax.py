"""mnist-softmax: one linear layer. Train it with `zoo train mnist-softmax`."""

from models.entry import Entry, Recipe
from models.processors.ink import Ink


def net(classes: int = 10):
    """x: float32 (N, 1, 28, 28), ink in 0 to 1."""
    from models.nets.linear import LinearPixels

    return LinearPixels(classes, size=28)


ENTRY = Entry(
    slug="mnist-softmax",
    title="Softmax",
    task="digits",
    description="One linear layer: a weight for each pixel and digit, and nothing else. Trained on scanned digits "
    "alone.",
    processor=Ink,
    net=net,
    recipe=Recipe(
        datasets=("mnist",),  # with drawn digits too, a linear layer gets worse on scanned ones
        epochs=30,
        batch=512,
        lr=5e-3,
        label_smoothing=0.0,
        augment=None,
        refit=False,
    ),
    seeds=(0,),
    outliers=("random-figures", "unipen-letters", "digit-pairs"),
    centres=0,
)
