"""mnist-inception: two inception modules as in PyTorch courses, with batch norm. `zoo train mnist-inception`."""

from dataclasses import replace

from models.zoo.mnist_deep import ENTRY as DEEP


def net(classes: int = 10):
    """x: float32 (N, 1, 28, 28), ink in 0 to 1."""
    from torch import nn

    from models.nets.blocks import Inception, Pooled
    from models.nets.classifier import Classifier

    trunk = nn.Sequential(
        nn.Conv2d(1, 10, kernel_size=5),  # (N, 10, 24, 24)
        nn.MaxPool2d(2),  # (N, 10, 12, 12)
        nn.ReLU(),
        Inception(10),  # (N, 88, 12, 12)
        nn.Conv2d(88, 20, kernel_size=5),  # (N, 20, 8, 8)
        nn.MaxPool2d(2),  # (N, 20, 4, 4)
        nn.ReLU(),
        Inception(20),  # (N, 88, 4, 4)
        Pooled(),  # (N, 176)
    )
    return Classifier(trunk, head=nn.Linear(176, classes))


ENTRY = replace(
    DEEP,
    slug="mnist-inception",
    title="Inception net",
    description="Two inception modules, which look at small and larger neighbourhoods in parallel.",
    net=net,
    recipe=replace(DEEP.recipe, epochs=5),
    seeds=(0, 1, 2),
)
