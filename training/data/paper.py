"""Generated photos of paper: UNIPEN's digits written on it, and empty sheets. What is drawn: `paper_photos.py`.

The test photos show digits of UNIPEN's test writers. The photos of each split have a seed of their own.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np

from models.inputs.strokes import PEN
from training.data import paper_photos
from training.data.dataset import SPLITS, Dataset, Raw, Sources, sha256_of
from training.data.unipen_strokes import DIGITS, read_strokes

COUNTS = {"train": 10_000, "validation": 1_000, "test": 1_000}
SEEDS = {"train": 101, "validation": 202, "test": 303}
EMPTY = 300  # sheets


class Photos(Sequence[bytes]):
    """JPEG files, each drawn when it is asked for, with a random generator of its own."""

    def __init__(self, drawings: Sequence[Any], seed: int) -> None:
        self.drawings, self.seed = drawings, seed

    def __len__(self) -> int:
        return len(self.drawings)

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> list[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | list[bytes]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self.photo(index % len(self)).jpeg

    def __iter__(self) -> Iterator[bytes]:
        return (self[index] for index in range(len(self)))

    def photo(self, index: int) -> paper_photos.Photo:
        """One photo, with the names of what it shows."""
        return paper_photos.photo(self.drawings[index], np.random.default_rng([self.seed, index]))


def digits(split: str, sources: Sources) -> Raw:
    """Photos of digits of this split's writers; for training, a digit may be written on several."""
    whole = read_strokes("digits", DIGITS, PEN, split, sources)
    order = np.random.default_rng(SEEDS[split]).permutation(len(whole.inputs))
    chosen = np.resize(order, COUNTS[split])
    photos = Photos([whole.inputs[index]["strokes"] for index in chosen], SEEDS[split])
    return Raw(photos, whole.labels[chosen], whole.classes, _digest(whole.sha256))


def empty(split: str, sources: Sources) -> Raw:
    """Photos of empty sheets."""
    return Raw(Photos([None] * EMPTY, SEEDS[split] + 1_000), None, (), _digest(split))


def _digest(origin: str) -> str:
    """A hash of the strokes' origin and of the code that draws the photos."""
    return hashlib.sha256(f"{origin} {sha256_of(Path(paper_photos.__file__), Path(__file__))}".encode()).hexdigest()


def _dataset(name: str, title: str, read: Callable[[str, Sources], Raw], splits: tuple[str, ...], **more) -> Dataset:
    licence = "CC BY 4.0, International Unipen Foundation (strokes); Apache-2.0 (photos)"
    return Dataset(name, title, "training/data/paper.py", licence, read, splits, **more)


DATASETS = (
    _dataset("digits-paper", "Digits on paper", digits, SPLITS),
    _dataset("paper-empty", "Empty sheets of paper", empty, ("validation", "test"), made_up=True),
)
