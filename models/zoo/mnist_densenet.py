"""mnist-densenet: two dense blocks that grow by 12 channels a layer. Train it with `zoo train mnist-densenet`."""

from dataclasses import replace

from models.zoo.mnist_deep import ENTRY as DEEP


def net(classes: int = 10):
    """x: float32 (N, 1, 28, 28), ink in 0 to 1."""
    from torch import nn

    from models.nets.blocks import Dense, Pooled, conv
    from models.nets.classifier import Classifier

    trunk = nn.Sequential(
        conv(1, 24, kernel=5, stride=2),  # (N, 24, 14, 14)
        Dense(24, layers=3, growth=12),  # (N, 60, 14, 14)
        nn.BatchNorm2d(60),
        nn.ReLU(),
        conv(60, 32, kernel=1),
        nn.AvgPool2d(2),  # (N, 32, 7, 7)
        Dense(32, layers=5, growth=12),  # (N, 92, 7, 7)
        nn.BatchNorm2d(92),
        nn.ReLU(),
        Pooled(),  # (N, 184)
    )
    return Classifier(trunk, head=nn.Linear(184, classes))


ENTRY = replace(
    DEEP,
    slug="mnist-densenet",
    title="Dense net",
    description="Two dense blocks: each layer sees the output of all the layers before it and adds twelve channels.",
    net=net,
    recipe=replace(DEEP.recipe, epochs=6),
    seeds=(0, 1, 2),
)
