"""fashion-cnn: two convolutions of 6 and 12 channels and three linear layers, a course net for Fashion-MNIST.

`zoo train fashion-cnn`.
"""

from models.entry import Augment, Entry, Recipe
from models.processors.garment import Garment


def net(classes: int = 10):
    """x: float32 (N, 1, 28, 28), 0 ground to 1."""
    from torch import nn

    from models.nets.classifier import Classifier

    trunk = nn.Sequential(
        nn.Conv2d(1, 6, kernel_size=5),  # (N, 6, 24, 24)
        nn.ReLU(),
        nn.MaxPool2d(2),  # (N, 6, 12, 12)
        nn.Conv2d(6, 12, kernel_size=5),  # (N, 12, 8, 8)
        nn.ReLU(),
        nn.MaxPool2d(2),  # (N, 12, 4, 4)
        nn.Flatten(),  # (N, 192)
        nn.Linear(192, 120),
        nn.ReLU(),
        nn.Linear(120, 60),
        nn.ReLU(),  # (N, 60)
    )
    return Classifier(trunk, head=nn.Linear(60, classes))


ENTRY = Entry(
    slug="fashion-cnn",
    title="Course CNN",
    task="clothes",
    description="Two convolutions and three linear layers, the net of a PyTorch course on clothes.",
    processor=Garment,
    net=net,
    recipe=Recipe(
        datasets=("fashion",),
        epochs=20,
        lr=1e-2,
        label_smoothing=0.0,
        # this small net learns less from pictures that are turned, scaled and shifted as well
        augment=Augment(rotate=0, scale=0, shear=0, shift=0, mirror=True),
        refit=False,
    ),
    outliers=("mnist", "synthetic-pictures", "wonders", "grey-noise"),
    centres=500,
)
