"""linear-37: 784 weights and a bias, trained by gradient descent written by hand. `zoo train linear-37`."""

from models.entry import Entry, Recipe
from models.processors.ink import Ink


def net(classes: int = 2):
    """x: float32 (N, 1, 28, 28), ink in 0 to 1."""
    from models.nets.linear import LinearPixels

    return LinearPixels(classes, size=28)


ENTRY = Entry(
    slug="linear-37",
    title="Linear model",
    task="three-or-seven",
    description="One weight for each of the 784 pixels and a bias, trained by plain gradient descent: each step moves "
    "the weights against their gradient.",
    processor=Ink,
    net=net,
    recipe=Recipe(
        datasets=("mnist-37", "unipen-37"),
        epochs=20,
        batch=64,
        lr=0.5,
        optimizer="sgd",
        label_smoothing=0.0,
        augment=None,
        refit=False,
    ),
    seeds=(0,),
    outliers=("mnist-not-37", "unipen-not-37", "random-figures", "unipen-letters"),
    centres=0,
)
