"""fashion-best: convolutions with batch norm and two residual blocks. `zoo train fashion-best`."""

from dataclasses import replace

from models.entry import Augment
from models.zoo.fashion_cnn import ENTRY as CNN


def net(classes: int = 10, dropout: float = 0.1):
    """x: float32 (N, 1, 28, 28), 0 ground to 1."""
    from torch import nn

    from models.nets.blocks import Pooled, Residual, conv_norm_relu
    from models.nets.classifier import Classifier

    trunk = nn.Sequential(
        conv_norm_relu(1, 32),  # (N, 32, 28, 28)
        conv_norm_relu(32, 64, stride=2),  # (N, 64, 14, 14)
        Residual(64),
        conv_norm_relu(64, 128, stride=2),  # (N, 128, 7, 7)
        Residual(128),
        Pooled(),  # (N, 256)
        nn.Dropout(dropout),
    )
    return Classifier(trunk, head=nn.Linear(256, classes))


ENTRY = replace(
    CNN,
    slug="fashion-best",
    title="ResNet",
    description="Two residual blocks between convolutions that halve the picture: slower, and the most accurate of the "
    "four.",
    net=net,
    recipe=replace(
        CNN.recipe,
        epochs=24,
        refit=True,
        label_smoothing=0.1,
        weight_decay=0.05,
        augment=Augment(rotate=0, scale=0, shear=0, shift=2, mirror=True, erase=0.25),
    ),
    seeds=(0,),
)
