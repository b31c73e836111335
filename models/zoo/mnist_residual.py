"""mnist-residual: two residual blocks as in PyTorch courses, with batch norm. `zoo train mnist-residual`."""

from dataclasses import replace

from models.zoo.mnist_deep import ENTRY as DEEP


def net(classes: int = 10):
    """x: float32 (N, 1, 28, 28), ink in 0 to 1."""
    from torch import nn

    from models.nets.blocks import Residual, conv, conv_norm_relu
    from models.nets.classifier import Classifier

    trunk = nn.Sequential(
        conv(1, 24, kernel=5),  # (N, 24, 28, 28)
        nn.MaxPool2d(2),  # (N, 24, 14, 14)
        nn.BatchNorm2d(24),
        nn.ReLU(),
        Residual(24),
        conv_norm_relu(24, 48, kernel=5, stride=2),  # (N, 48, 7, 7)
        Residual(48),
        nn.MaxPool2d(2),  # (N, 48, 3, 3)
        nn.Flatten(),  # (N, 432)
    )
    return Classifier(trunk, head=nn.Linear(432, classes))


ENTRY = replace(
    DEEP,
    slug="mnist-residual",
    title="Residual net",
    description="Two residual blocks: each adds a correction to its input, which makes deeper nets easier to train.",
    net=net,
    recipe=replace(DEEP.recipe, epochs=8),
    seeds=(0, 1, 2),
)
