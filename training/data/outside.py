"""diabetes-outside, titanic-outside, otto-outside: examples of a table, each with one number out of its range.

The field is drawn at random, and the number above its range in training, by half to twice the length of the range. Most
of these fields cannot be negative.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from models.field import Field
from models.tasks import diabetes, otto, titanic
from training.data import otto as otto_data
from training.data import pima
from training.data import titanic as titanic_data
from training.data.dataset import SPLITS, Dataset, Raw, Sources

LENGTHS = (0.5, 2.0)  # beyond the range
MOST = 1_000  # examples of a split


def _read(table: Dataset, fields: tuple[Field, ...]) -> Callable[[str, Sources], Raw]:
    numbers = [each.name for each in fields if not each.choices]

    def read(split: str, sources: Sources) -> Raw:
        raw = table.read(split, sources)
        ranges = _ranges(table, tuple(numbers), sources)
        random = np.random.default_rng((SPLITS.index(split), len(numbers)))
        rows = random.permutation(len(raw.inputs))[:MOST]
        return replace(raw, inputs=[_moved(raw.inputs[row], ranges, random) for row in rows], labels=None, classes=())

    return read


def _moved(values: dict[str, Any], ranges: dict[str, tuple[float, float]], random: np.random.Generator) -> dict:
    name = str(random.choice(list(ranges)))
    low, high = ranges[name]
    return {**values, name: high + (high - low) * float(random.uniform(*LENGTHS))}


@cache
def _ranges(table: Dataset, names: tuple[str, ...], sources: Sources) -> dict[str, tuple[float, float]]:
    """The lowest and the highest value of each number in the training examples."""
    train = table.read("train", sources).inputs
    known = {name: [values[name] for values in train if values.get(name) is not None] for name in names}
    return {name: (min(values), max(values)) for name, values in known.items()}


def _outside(task_slug: str, table: Dataset, fields: tuple[Field, ...]) -> Dataset:
    return Dataset(
        f"{task_slug}-outside",
        f"{table.title}, with a number out of range",
        f"training/data/outside.py, on {table.address}",
        table.licence,
        _read(table, fields),
        made_up=True,
        cached=False,
    )


DATASETS = (
    _outside("diabetes", pima.DATASETS[0], diabetes.FIELDS),
    _outside("titanic", titanic_data.DATASETS[0], titanic.FIELDS),
    _outside("otto", otto_data.DATASETS[0], otto.FIELDS),
)
