"""mnist-preact: residual blocks with batch norm and ReLU before each convolution. `zoo train mnist-preact`."""

from dataclasses import replace

from models.zoo.mnist_deep import ENTRY as DEEP


def net(classes: int = 10):
    """x: float32 (N, 1, 28, 28), ink in 0 to 1."""
    from torch import nn

    from models.nets.blocks import Pooled, PreActivation, conv
    from models.nets.classifier import Classifier

    trunk = nn.Sequential(
        conv(1, 16, kernel=5, stride=2),  # (N, 16, 14, 14)
        PreActivation(16, 32),  # (N, 32, 14, 14)
        PreActivation(32, 64, stride=2),  # (N, 64, 7, 7)
        nn.BatchNorm2d(64),
        nn.ReLU(),
        Pooled(),  # (N, 128)
    )
    return Classifier(trunk, head=nn.Linear(128, classes))


ENTRY = replace(
    DEEP,
    slug="mnist-preact",
    title="Pre-activation net",
    description="Residual blocks that normalise before each convolution, so that the sum passes on unchanged.",
    net=net,
    recipe=replace(DEEP.recipe, epochs=6),
    seeds=(0, 1, 2),
)
