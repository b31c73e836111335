"""titanic-logistic: logistic regression. Train it with `zoo train titanic-logistic`."""

from models.entry import Entry, Recipe
from models.processors.table import Table


def net(classes: int = 2, columns: int = 27):
    """x: float32 (N, columns), standardised values."""
    from torch import nn

    from models.nets.classifier import Classifier
    from models.nets.table import head

    return Classifier(nn.Identity(), head(columns, classes))


ENTRY = Entry(
    slug="titanic-logistic",
    title="Logistic regression",
    task="titanic",
    description="Adds up the values, each with a weight of its own, and passes the sum through a sigmoid.",
    processor=Table,
    net=net,
    recipe=Recipe(
        datasets=("titanic",),
        epochs=60,
        batch=64,
        lr=0.03,
        weight_decay=0.1,
        label_smoothing=0.0,
        ema=0.99,
        augment=None,
        keep_best=False,
    ),
    seeds=(0,),
)
