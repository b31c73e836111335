"""mnist-cnn: the convolutional net of PyTorch courses, 8,490 parameters. Train it with `zoo train mnist-cnn`."""

from models.entry import Augment, Entry, Recipe
from models.processors.ink import Ink


def net(classes: int = 10):
    """x: float32 (N, 1, 28, 28), ink in 0 to 1."""
    from torch import nn

    from models.nets.classifier import Classifier

    trunk = nn.Sequential(
        nn.Conv2d(1, 10, kernel_size=5),  # (N, 10, 24, 24)
        nn.MaxPool2d(2),  # (N, 10, 12, 12)
        nn.ReLU(),
        nn.Conv2d(10, 20, kernel_size=5),  # (N, 20, 8, 8)
        nn.MaxPool2d(2),  # (N, 20, 4, 4)
        nn.ReLU(),
        nn.Flatten(),  # (N, 320)
    )
    return Classifier(trunk, head=nn.Linear(320, classes))


ENTRY = Entry(
    slug="mnist-cnn",
    title="Course CNN",
    task="digits",
    description="Two convolutions and a linear layer: small, fast, and more accurate on MNIST than the larger "
    "Course MLP.",
    processor=Ink,
    net=net,
    recipe=Recipe(
        datasets=("mnist", "unipen-digits", "digit-forms"),
        epochs=24,
        lr=1e-2,
        augment=Augment(rotate=9, scale=0.09, shear=0.09, shift=1, elastic=0.6),
    ),
    seeds=(0,),
    outliers=("random-figures", "unipen-letters", "digit-pairs"),
)
