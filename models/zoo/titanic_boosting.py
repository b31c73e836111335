"""titanic-boosting: gradient boosted decision trees. Train it with `zoo train titanic-boosting`."""

from models.entry import Entry, Recipe
from models.processors.table import Table


def net(classes: int = 2, columns: int = 27):
    """x: float32 (N, columns), standardised values; trees only compare them."""
    from models.nets.trees import Trees

    return Trees(classes, rounds=100, leaves=8)


ENTRY = Entry(
    slug="titanic-boosting",
    title="Boosted trees",
    task="titanic",
    description="Up to a hundred small decision trees, each of which corrects the sum of those before it; fitted by "
    "scikit-learn, run as tensors.",
    processor=Table,
    net=net,
    recipe=Recipe(
        datasets=("titanic",), epochs=100, lr=0.05, weight_decay=1.0, label_smoothing=0.0, augment=None, keep_best=False
    ),
    seeds=(0,),
    boosted=True,
)
