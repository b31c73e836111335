"""mnist-deep: three convolutions, three poolings and three linear layers. Train it with `zoo train mnist-deep`."""

from models.entry import Augment, Entry, Recipe
from models.processors.ink import Ink


def net(classes: int = 10):
    """x: float32 (N, 1, 28, 28), ink in 0 to 1."""
    from torch import nn

    from models.nets.classifier import Classifier

    trunk = nn.Sequential(
        nn.Conv2d(1, 20, kernel_size=3, padding=1),  # (N, 20, 28, 28)
        nn.ReLU(),
        nn.MaxPool2d(2),  # (N, 20, 14, 14)
        nn.Conv2d(20, 40, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),  # (N, 40, 7, 7)
        nn.Conv2d(40, 80, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),  # (N, 80, 3, 3)
        nn.Flatten(),  # (N, 720)
        nn.Linear(720, 128),
        nn.Linear(128, 64),  # (N, 64)
    )
    return Classifier(trunk, head=nn.Linear(64, classes))


RECIPE = Recipe(
    datasets=("mnist", "unipen-digits", "digit-forms"),
    epochs=12,
    batch=128,
    lr=4e-3,
    augment=Augment(rotate=9, scale=0.09, shear=0.09, shift=1, elastic=0.6),
    refit=False,  # a twelfth more examples are not worth twice the time
)

ENTRY = Entry(
    slug="mnist-deep",
    title="Deep course CNN",
    task="digits",
    description="Three convolutions and three linear layers, where the Course CNN has two and one.",
    processor=Ink,
    net=net,
    recipe=RECIPE,
    outliers=("random-figures", "unipen-letters", "digit-pairs"),
    centres=500,
    seeds=(0, 1, 2),
)
