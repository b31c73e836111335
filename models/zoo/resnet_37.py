"""resnet-37: a small residual net. Train it with `zoo train resnet-37`."""

from dataclasses import replace

from models.entry import Augment
from models.zoo.linear_37 import ENTRY as LINEAR


def net(classes: int = 2):
    """x: float32 (N, 1, 28, 28), ink in 0 to 1."""
    from torch import nn

    from models.nets.blocks import Pooled, Residual, conv_norm_relu
    from models.nets.classifier import Classifier

    trunk = nn.Sequential(
        conv_norm_relu(1, 16, kernel=5, stride=2),  # (N, 16, 14, 14)
        Residual(16),
        conv_norm_relu(16, 32, stride=2),  # (N, 32, 7, 7)
        Residual(32),
        Pooled(),  # (N, 64)
    )
    return Classifier(trunk, head=nn.Linear(64, classes))


ENTRY = replace(
    LINEAR,
    slug="resnet-37",
    title="Small ResNet",
    description="Two residual blocks of convolutions: almost no mistakes are left, as with one hidden layer.",
    net=net,
    recipe=replace(
        LINEAR.recipe,
        epochs=12,
        lr=4e-3,
        optimizer="adamw",
        label_smoothing=0.05,
        augment=Augment(rotate=9, scale=0.09, shear=0.09, shift=1, elastic=0.6),
    ),
    centres=200,
)
