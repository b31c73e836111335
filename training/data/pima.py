"""Pima Indians Diabetes: 768 women, eight measurements, and whether they tested positive (NIDDK, 1990).

A fifth of each label is held out for testing, 16% for validation. `python -m training cross-validate` tests all of
them. The file of the PyTorch course is made from this one: nine rows fewer, scaled to -1 to 1, with all labels flipped
(its 1 is "no diabetes") and with each column's minimum, scaled to -1, written as 0.
"""

from typing import Any

from models.tasks.diabetes import NAMES, TASK
from training.data.dataset import Dataset
from training.data.tables import TableFile, reader

FILE = TableFile(
    ("pima768.csv.gz", "pima-indians-diabetes.data.csv"),
    "6bfe5d0f379d17a0e0819b996407e3c09bf80febd4287f2ed212190dfff154af",
    "https://raw.githubusercontent.com/jbrownlee/Datasets/d20fcb6402ae34e653d4513b00f39257bb37ed7f/"
    "pima-indians-diabetes.data.csv",
    "https://github.com/jbrownlee/Datasets",
    header=False,
)


def _example(row: dict[str, str]) -> tuple[dict[str, Any], str]:
    return {name: float(row[str(i)]) for i, name in enumerate(NAMES)}, TASK.labels[int(row["8"])]


DATASETS = (
    Dataset(
        "pima",
        "Pima Indians Diabetes",
        FILE.publisher,
        "none stated by the publisher; donated to UCI by the NIDDK in 1990",
        reader(FILE, TASK.labels, _example),
    ),
)
