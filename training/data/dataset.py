"""The interface of data sets: name, origin, and raw inputs with labels for each split."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.paths import data_root

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Raw:
    """Raw inputs of a split (arrays, strokes, paths or texts), and labels as indices into the data set's `classes`.

    labels: int64 (N,), or None if the inputs belong to no class. sha256: of the files they were read from.
    """

    inputs: Sequence[Any]
    labels: np.ndarray | None
    classes: tuple[str, ...]
    sha256: str


@dataclass(frozen=True)
class Sources:
    """Where data sets come from.

    root: the folder of the data sets (default: ZOO_DATA). download: whether a missing data set may be downloaded.
    examples: the user's own examples, which are the data set called `examples` (training/custom).
    """

    root: Path | None = None
    download: bool = True
    examples: "Dataset | None" = None

    @property
    def folder(self) -> Path | None:
        """The folder of the data sets; None if none is set."""
        return self.root or data_root()


@dataclass(frozen=True)
class Dataset:
    """One data set. read(split, sources) returns the raw inputs of a split; raises ZooError if they are not available.

    made_up: whether it is generated for out-of-distribution tests rather than collected.
    cached: whether the processed arrays are cached in ZOO_HOME.
    downloads: whether `read` downloads it if it is missing.
    """

    name: str
    title: str
    address: str
    licence: str
    read: Callable[[str, Sources], Raw]
    splits: tuple[str, ...] = SPLITS
    made_up: bool = False
    cached: bool = True
    downloads: bool = True


DEFAULT = Sources()


def sha256_of(*paths: Path) -> str:
    """SHA-256 of the concatenated contents of the files."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def hold_out(count: int, size: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Indices for training and for validation: `size` of `count` are held out, drawn with `seed`; both ascending."""
    order = np.random.default_rng(seed).permutation(count)
    return np.sort(order[size:]), np.sort(order[:size])
