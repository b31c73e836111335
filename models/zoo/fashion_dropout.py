"""fashion-dropout: fashion-cnn with dropout in its linear layers. `zoo train fashion-dropout`."""

from dataclasses import replace

from models.zoo.fashion_cnn import ENTRY as CNN


def net(classes: int = 10, dropout: float = 0.2):
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
        nn.Dropout(dropout),
        nn.Linear(120, 60),
        nn.ReLU(),
        nn.Dropout(dropout),  # (N, 60)
    )
    return Classifier(trunk, head=nn.Linear(60, classes))


ENTRY = replace(
    CNN,
    slug="fashion-dropout",
    title="Course CNN with dropout",
    description="The Course CNN with dropout: in training, a fifth of the units of each hidden linear layer are "
    "switched off at random. In a net this small, trained on mirrored pictures too, it does not help.",
    net=net,
    seeds=(0, 1, 2),
)
