"""holidays-efficientnet: EfficientNet-Lite0 pre-trained on ImageNet, frozen, with a linear head.

`zoo train holidays-efficientnet`.
"""

from models.entry import Entry, Recipe
from models.processors.photo import Photo


def net(classes: int = 7):
    """x: uint8 (N, 3, 224, 224)."""
    from torch import nn

    from models.nets.photo import Maps, PhotoClassifier

    return PhotoClassifier(Maps("tf_efficientnet_lite0"), head=nn.Linear(1280, classes), mirrored=True)


ENTRY = Entry(
    slug="holidays-efficientnet",
    title="EfficientNet",
    task="holidays",
    description="Pre-trained on a million photos of a thousand kinds of objects. To learn the seven wonders, it needed "
    "only a thousand more photos and a minute of training.",
    processor=Photo,
    net=net,
    recipe=Recipe(
        datasets=("wonders",),
        epochs=60,
        batch=64,
        lr=1e-2,
        ema=0.98,
        augment=None,
        frozen=True,
        start_from="package/efficientnet-lite0",
    ),
    outliers=("tiny-imagenet-places", "synthetic-pictures"),
)
