"""Reads the CSV files of the tables, and splits their rows.

A file is looked for in DATA/tables and in ZOO_HOME/data/tables, compressed or not; the SHA-256 of its content is
checked. If there is none, it is downloaded from its publisher.
"""

import csv
import gzip
import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from models.errors import ZooError
from models.paths import data_home
from training.data.dataset import Raw, Sources
from training.data.fetched import fetched

TEST, VALIDATION = 0.2, 0.16  # shares of the rows


@dataclass(frozen=True)
class TableFile:
    """A CSV file. names: how it may be called. sha256: of its uncompressed content.

    address: of the download; "" if the publisher asks for an account. header: whether the first line has the names of
    the columns.
    """

    names: tuple[str, ...]
    sha256: str
    address: str
    publisher: str
    header: bool = True

    def rows(self, sources: Sources) -> list[dict[str, str]]:
        """The rows, by column; columns without names are called "0", "1", ... Raises ZooError."""
        return _rows(self.text(sources), self.header)

    def text(self, sources: Sources) -> str:
        """The content. Raises ZooError."""
        return _text(self._find(sources), self.sha256)

    def _find(self, sources: Sources) -> Path:
        folders = [sources.folder / "tables"] if sources.folder else []
        for folder in (*folders, data_home() / "data" / "tables"):
            for name in self.names:
                if (folder / name).exists():
                    return folder / name
        way_out = f"Get it from {self.publisher}, put it into DATA/tables as {self.names[0]}, and set --data or "
        way_out += "ZOO_DATA to DATA."
        if not self.address:
            raise ZooError(f"{self.names[0]} was not found. {way_out}")
        return fetched(self.address, self.sha256, "tables", way_out, sources)


@cache
def _text(path: Path, sha256: str) -> str:
    try:
        data = path.read_bytes()
        data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        text = data.decode("ascii")
    except (OSError, EOFError, ValueError) as error:
        raise ZooError(f"{path} is damaged ({error}); delete it and download it again.") from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ZooError(f"{path} is not the published file (its SHA-256 differs); delete it and download it again.")
    return text


@cache
def _rows(text: str, header: bool) -> list[dict[str, str]]:
    rows = list(csv.reader(io.StringIO(text)))
    names = rows.pop(0) if header else [str(number) for number in range(len(rows[0]))]
    return [dict(zip(names, row, strict=True)) for row in rows]


def split_of(labels: np.ndarray, split: str, seed: int = 0) -> np.ndarray:
    """The indices of a split, ascending: TEST and VALIDATION of the rows of each label are held out with `seed`."""
    random = np.random.default_rng(seed)
    chosen = []
    for label in np.unique(labels):
        rows = random.permutation(np.flatnonzero(labels == label))
        test, validation = round(TEST * len(rows)), round((TEST + VALIDATION) * len(rows))
        parts = {"test": rows[:test], "validation": rows[test:validation], "train": rows[validation:]}
        chosen.append(parts[split])
    return np.sort(np.concatenate(chosen))


def reader(
    file: TableFile, classes: tuple[str, ...], example: Callable[[dict[str, str]], tuple[dict[str, Any], str]]
) -> Callable[[str, Sources], Raw]:
    """The `read` of a data set in one file. example: the raw input and the label of a row."""

    def read(split: str, sources: Sources) -> Raw:
        examples = [example(row) for row in file.rows(sources)]
        labels = np.array([classes.index(label) for _, label in examples], np.int64)
        rows = split_of(labels, split)
        return Raw([examples[row][0] for row in rows], labels[rows], classes, file.sha256)

    return read


def numbers(row: dict[str, str], names: Sequence[str]) -> dict[str, float]:
    """The numbers in these columns; empty cells are left out."""
    return {name: float(row[name]) for name in names if row[name].strip()}
