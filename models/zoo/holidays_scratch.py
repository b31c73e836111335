"""holidays-scratch: a small residual net trained from random weights, the baseline for holidays-resnet.

`zoo train holidays-scratch`.
"""

from models.entry import Augment, Entry, Recipe
from models.processors.photo import Photo


def processor() -> Photo:
    return Photo(size=128, cells=4)


def net(classes: int = 7, trunk: str = "resnet10t"):
    """x: uint8 (N, 3, 128, 128). trunk: as timm knows it."""
    from torch import nn

    from models.nets.photo import Maps, PhotoClassifier

    maps = Maps(trunk)
    return PhotoClassifier(maps, nn.Linear(maps.width, classes), mirrored=True)


ENTRY = Entry(
    slug="holidays-scratch",
    title="ResNet from scratch",
    task="holidays",
    description="Trained from random weights, on just a thousand holiday photos.",
    processor=processor,
    net=net,
    recipe=Recipe(
        datasets=("wonders",),
        epochs=12,
        batch=32,
        lr=2e-3,
        weight_decay=0.05,
        label_smoothing=0.1,
        ema=0.98,
        augment=Augment(rotate=5, scale=0.2, shear=0.05, shift=10, mirror=True, colour=0.2),
    ),
    seeds=(0,),
    outliers=("tiny-imagenet", "many-synthetic-pictures"),
)
