"""otto-mlp: two hidden layers with dropout. Train it with `zoo train otto-mlp`."""

from models.entry import Entry, Recipe
from models.processors.table import Table


def net(classes: int = 9, columns: int = 93):
    """x: float32 (N, columns), standardised values."""
    from torch import nn

    from models.nets.classifier import Classifier

    trunk = nn.Sequential(
        nn.Dropout(0.05),
        nn.Linear(columns, 512),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(512, 256),
        nn.ReLU(),
        nn.Dropout(0.5),  # (N, 256)
    )
    return Classifier(trunk, nn.Linear(256, classes))


ENTRY = Entry(
    slug="otto-mlp",
    title="Two hidden layers",
    task="otto",
    description="Hidden layers of 512 and 256 units, half of which are dropped at random in each step of training.",
    processor=Table,
    net=net,
    recipe=Recipe(
        datasets=("otto",), epochs=20, lr=3e-3, weight_decay=0.02, label_smoothing=0.0, augment=None, keep_best=False
    ),
    seeds=(0,),
)
