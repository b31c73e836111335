"""Otto Group Product Classification: 61,878 products with 93 counts, in nine categories (Kaggle, 2015).

The competition's rules give no right to redistribute the file, so it is not downloaded: get it with an account at the
publisher. A fifth of each label is held out for testing, 16% for validation.
"""

import io
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from models.tasks.otto import FIELDS, LABELS
from training.data.dataset import Dataset, Raw, Sources
from training.data.tables import TableFile, split_of

FILE = TableFile(
    ("otto_train.csv.gz", "train.csv"),
    "c6625a84df90d4b0f8b4745d7dede83542df4afbac4e1eaf6a354db881c7eaa5",
    "",
    "https://www.kaggle.com/c/otto-group-product-classification-challenge/data",
)


class Products(Sequence):
    """The raw inputs of rows of counts (N, 93), each made when it is asked for: as dicts, all take half a gigabyte."""

    def __init__(self, counts: np.ndarray):
        self.counts = counts

    def __len__(self) -> int:
        return len(self.counts)

    def __getitem__(self, row: Any) -> dict[str, float]:
        return {each.name: float(count) for each, count in zip(FIELDS, self.counts[row], strict=True)}


def read(split: str, sources: Sources) -> Raw:
    """The products of a split."""
    counts, labels = _table(FILE.text(sources))
    rows = split_of(labels, split)
    return Raw(Products(counts[rows]), labels[rows], LABELS, FILE.sha256)


@cache
def _table(text: str) -> tuple[np.ndarray, np.ndarray]:
    """The counts, int16 (N, 93), and the labels (N,)."""
    counts = np.loadtxt(io.StringIO(text), delimiter=",", skiprows=1, usecols=range(1, 94), dtype=np.int16)
    labels = [LABELS.index(line.rpartition(",")[2].strip('"')) for line in text.splitlines()[1:]]
    return counts, np.array(labels, np.int64)


DATASETS = (
    Dataset(
        "otto",
        "Otto Group Product Classification Challenge",
        FILE.publisher,
        "none stated; Kaggle's competition rules, which give no right to redistribute the data",
        read,
        downloads=False,
    ),
)
