"""fashion-cnn-batchnorm: fashion-cnn with batch norm after each layer. `zoo train fashion-cnn-batchnorm`."""

from dataclasses import replace

from models.zoo.fashion_cnn import ENTRY as CNN


def net(classes: int = 10):
    """x: float32 (N, 1, 28, 28), 0 ground to 1."""
    from torch import nn

    from models.nets.classifier import Classifier

    trunk = nn.Sequential(
        nn.Conv2d(1, 6, kernel_size=5),  # (N, 6, 24, 24)
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.MaxPool2d(2),  # (N, 6, 12, 12)
        nn.Conv2d(6, 12, kernel_size=5),  # (N, 12, 8, 8)
        nn.BatchNorm2d(12),
        nn.ReLU(),
        nn.MaxPool2d(2),  # (N, 12, 4, 4)
        nn.Flatten(),  # (N, 192)
        nn.Linear(192, 120),
        nn.BatchNorm1d(120),
        nn.ReLU(),
        nn.Linear(120, 60),
        nn.BatchNorm1d(60),
        nn.ReLU(),  # (N, 60)
    )
    return Classifier(trunk, head=nn.Linear(60, classes))


ENTRY = replace(
    CNN,
    slug="fashion-cnn-batchnorm",
    title="Course CNN with batch norm",
    description="The Course CNN with batch norm: the values of each channel are standardised within a batch, which "
    "makes training faster.",
    net=net,
)
