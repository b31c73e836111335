"""What a data set is to the rest: a name, where it comes from, and raw inputs with labels, part by part."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

PARTS = ("train", "validation", "test")

_offline = ContextVar("offline", default=False)


@contextmanager
def offline() -> Iterator[None]:
    """Within it nothing is downloaded; a data set that is not here is missing, as it is without a network."""
    token = _offline.set(True)
    try:
        yield
    finally:
        _offline.reset(token)


def may_download() -> bool:
    """Whether a data set that is not here may be fetched."""
    return not _offline.get()


@dataclass(frozen=True)
class Raw:
    """Inputs as a visitor gives them (arrays, strokes, texts) and labels as indices into the set's own `classes`.

    labels: int64 (N,), or None where the inputs belong to no class. sha256: of the files they were read from.
    """

    inputs: Sequence[Any]
    labels: np.ndarray | None
    classes: tuple[str, ...]
    sha256: str


@dataclass(frozen=True)
class Dataset:
    """One data set. read(part, root) gives the raw inputs of a part; root is the data folder or None.

    made_up: whether it is computed rather than collected; such sets have a test part alone.
    kept: whether what a processor makes of it is kept in ZOO_HOME/cache.
    """

    name: str
    title: str
    address: str
    licence: str
    read: Callable[[str, Path | None], Raw]
    parts: tuple[str, ...] = PARTS
    made_up: bool = False
    kept: bool = True


def sha256_of(*paths: Path) -> str:
    """SHA-256 of the files' bytes one after the other."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def hold_out(count: int, size: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows for training and for validation: `size` of `count` drawn by `seed`, each in ascending order."""
    order = np.random.default_rng(seed).permutation(count)
    return np.sort(order[size:]), np.sort(order[:size])
