"""otto-softmax: multinomial logistic regression. Train it with `zoo train otto-softmax`."""

from models.entry import Entry, Recipe
from models.processors.table import Table


def net(classes: int = 9, columns: int = 93):
    """x: float32 (N, columns), standardised values."""
    from torch import nn

    from models.nets.classifier import Classifier
    from models.nets.table import head

    return Classifier(nn.Identity(), head(columns, classes))


ENTRY = Entry(
    slug="otto-softmax",
    title="Softmax regression",
    task="otto",
    description="For each category, the values are added up with weights of their own; the softmax of the nine sums "
    "is the answer.",
    processor=Table,
    net=net,
    recipe=Recipe(
        datasets=("otto",), epochs=10, lr=0.01, weight_decay=0.0, label_smoothing=0.0, augment=None, keep_best=False
    ),
    seeds=(0,),
)
