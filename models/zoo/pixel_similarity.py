"""pixel-similarity: the nearer of two mean images, without any training; the baseline of the fast.ai course.

`zoo train pixel-similarity`.
"""

from models.entry import Entry, Recipe
from models.processors.ink import Ink


def net(classes: int = 2):
    """x: float32 (N, 1, 28, 28), ink in 0 to 1."""
    from models.nets.linear import MeanImages

    return MeanImages(classes, size=28)


ENTRY = Entry(
    slug="pixel-similarity",
    title="Pixel similarity",
    task="three-or-seven",
    description="Compares the drawing with the mean of all threes and the mean of all sevens, pixel by pixel, and "
    "answers the nearer one. Nothing is trained.",
    processor=Ink,
    net=net,
    recipe=Recipe(datasets=("mnist-37",), epochs=1, augment=None),
    seeds=(0,),  # a mean depends on no seed
    outliers=("mnist-not-37", "random-figures"),
    centres=0,
)
