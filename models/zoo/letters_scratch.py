"""letters-scratch: trained from random weights on 20 examples of each letter, the baseline for letters-transfer.

`zoo train letters-scratch`.
"""

from dataclasses import replace

from models.entry import Augment, Entry, Recipe
from models.processors.ink import Ink


def net(classes: int = 26, dropout: float = 0.2):
    """x: float32 (N, 1, 28, 28), ink in 0 to 1."""
    from torch import nn

    from models.nets.classifier import Classifier
    from models.nets.conv import ConvTrunk

    return Classifier(ConvTrunk(dropout), head=nn.Linear(256, classes))


FEW = Recipe(
    datasets=("unipen-letters",),
    few=20,
    epochs=60,
    batch=64,
    lr=3e-3,
    augment=Augment(rotate=12, scale=0.15, shear=0.25, shift=1.5, elastic=0.8, thickness=0.4),
    refit=False,  # a refit would use more examples than the task allows
)

ENTRY = Entry(
    slug="letters-scratch",
    title="Letters from scratch",
    task="letters",
    description="Trained from random weights, on just 20 examples of each letter.",
    processor=Ink,
    net=net,
    recipe=replace(FEW, batch=32),  # the best of eight recipes on the validation examples of two seeds
    seeds=(0,),
    outliers=("random-figures",),
)
