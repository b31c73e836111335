"""titanic-mlp: one hidden layer of 32 units with dropout. Train it with `zoo train titanic-mlp`."""

from models.entry import Entry, Recipe
from models.processors.table import Table


def net(classes: int = 2, columns: int = 27):
    """x: float32 (N, columns), standardised values."""
    from torch import nn

    from models.nets.classifier import Classifier

    trunk = nn.Sequential(nn.Linear(columns, 32), nn.ReLU(), nn.Dropout(0.5))  # (N, 32)
    return Classifier(trunk, nn.Linear(32, classes))


ENTRY = Entry(
    slug="titanic-mlp",
    title="One hidden layer",
    task="titanic",
    description="A hidden layer of 32 units, half of which are dropped at random in each step of training, so that "
    "it does not memorise the passengers.",
    processor=Table,
    net=net,
    recipe=Recipe(
        datasets=("titanic",),
        epochs=60,
        batch=64,
        lr=0.01,
        weight_decay=0.3,
        label_smoothing=0.0,
        ema=0.99,
        augment=None,
        keep_best=False,
    ),
    seeds=(0,),
)
