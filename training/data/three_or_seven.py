"""Threes and sevens: those of MNIST and of UNIPEN, and the other eight digits of both, which are neither."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from training.data.dataset import Dataset, Raw, Sources
from training.data.mnist import DATASETS as MNIST
from training.data.unipen_strokes import DATASETS as UNIPEN

LABELS = ("3", "7")


def _threes_and_sevens(raw: Raw) -> Raw:
    """The inputs of the two digits."""
    rows = np.flatnonzero(np.isin(raw.labels, [raw.classes.index(label) for label in LABELS]))
    labels = (raw.labels[rows] == raw.classes.index(LABELS[1])).astype(np.int64)
    return Raw([raw.inputs[row] for row in rows], labels, LABELS, raw.sha256)


def _others(raw: Raw) -> Raw:
    """The inputs of the other eight digits, without labels."""
    rows = np.flatnonzero(~np.isin(raw.labels, [raw.classes.index(label) for label in LABELS]))
    return Raw([raw.inputs[row] for row in rows], None, (), raw.sha256)


def _part(whole: Dataset, name: str, title: str, of: Callable[[Raw], Raw]) -> Dataset:
    """The part of a data set that `of` chooses."""

    def read(split: str, sources: Sources) -> Raw:
        return of(whole.read(split, sources))

    return replace(whole, name=name, title=title, read=read)


DATASETS = (
    _part(MNIST[0], "mnist-37", "MNIST, 3 and 7", _threes_and_sevens),
    _part(UNIPEN[0], "unipen-37", "UNIPEN digits, 3 and 7", _threes_and_sevens),
    _part(MNIST[0], "mnist-not-37", "MNIST, all but 3 and 7", _others),
    _part(UNIPEN[0], "unipen-not-37", "UNIPEN digits, all but 3 and 7", _others),
)
