"""diabetes-mlp: the net of PyTorch courses, 8-6-4-1 with sigmoids. Train it with `zoo train diabetes-mlp`."""

from models.entry import Entry, Recipe
from models.processors.table import Table


def processor() -> Table:
    """Eight columns, one for each value: those that are not known are the median."""
    return Table(flags=0)


def net(classes: int = 2, columns: int = 8):
    """x: float32 (N, columns), standardised values."""
    from torch import nn

    from models.nets.classifier import Classifier
    from models.nets.table import head

    trunk = nn.Sequential(nn.Linear(columns, 6), nn.Sigmoid(), nn.Linear(6, 4), nn.Sigmoid())  # (N, 4)
    return Classifier(trunk, head(4, classes))


ENTRY = Entry(
    slug="diabetes-mlp",
    title="Course net",
    task="diabetes",
    description="The first net of many PyTorch courses: layers of six, four and one units, each with a sigmoid.",
    processor=processor,
    net=net,
    recipe=Recipe(
        datasets=("pima",),
        epochs=30,
        batch=32,
        lr=0.03,
        weight_decay=0.2,
        label_smoothing=0.0,
        ema=0.99,
        augment=None,
        keep_best=False,
    ),
    seeds=(0,),
)
