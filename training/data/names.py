"""Surnames from 18 countries, with the split of Sung Kim's PyTorch course: 13,374 training and 6,700 test rows.

The test rows are lines 1, 4, 7, ... of each country's list, so 1,048 of them have a name that is also in the training
rows; `names-unseen` is the other 5,652. A tenth of the distinct training names is held out with seed 0 as the
validation split, chosen from names with at most two rows. Frequent names stay in training: the 1,333 Arabic training
rows have only 108 names, and all Arabic test rows have names seen in training, so a held-out Arabic name would weigh as
much as a dozen others and be harder than anything in the test split.
"""

import csv
import gzip
import io
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np

from models.errors import ZooError
from models.paths import data_home
from models.tasks.names import COUNTRIES
from training.data.dataset import Dataset, Raw, Sources, hold_out, sha256_of
from training.data.fetched import fetched

ADDRESS = "https://github.com/hunkim/PyTorchZeroToAll/raw/e5a260fac0b4ff1e2ec434fc6f0d962ac97fc289/data/"
FILES = {
    "names_train.csv.gz": "49b4bf41dce5bfeac989b46ca37cf7baccd9a0d2a855df82f86de67a9376268f",
    "names_test.csv.gz": "57d7758db533a42c99d513b2341a7e7b0f55c1e0e7d233b1ef6a4fa2f1adf753",
}
LICENCE = (
    "none stated for the lists; they come from spro/practical-pytorch, whose repository is MIT, Copyright (c) "
    "2017 Sean Robertson"
)
TRAIN, TEST = FILES

Row = tuple[str, str]  # name, country


def read_names(split: str, sources: Sources) -> Raw:
    """The names of a split; see the module's docstring."""
    if split == "test":
        return _raw(_rows(_find(TEST, sources)), _find(TEST, sources))
    rows = _rows(_find(TRAIN, sources))
    times = Counter(name for name, _ in rows)
    rare = sorted(name for name, count in times.items() if count <= 2)
    _, held_out = hold_out(len(rare), len(times) // 10)
    validation = {rare[i] for i in held_out}
    return _raw([row for row in rows if (row[0] in validation) == (split == "validation")], _find(TRAIN, sources))


def read_unseen(split: str, sources: Sources) -> Raw:
    """The test rows whose name is in no training row."""
    seen = {name for name, _ in _rows(_find(TRAIN, sources))}
    rows = [row for row in _rows(_find(TEST, sources)) if row[0] not in seen]
    return _raw(rows, _find(TRAIN, sources), _find(TEST, sources))


def _raw(rows: list[Row], *paths: Path) -> Raw:
    labels = np.array([COUNTRIES.index(country) for _, country in rows], np.int64)
    return Raw([name for name, _ in rows], labels, tuple(COUNTRIES), sha256_of(*paths))


@cache
def _rows(path: Path) -> list[Row]:
    try:
        text = gzip.decompress(path.read_bytes()).decode("ascii")
        return [(name.strip(), country) for name, country in csv.reader(io.StringIO(text))]
    except (OSError, EOFError, ValueError) as error:
        raise ZooError(f"{path} is damaged ({error}); delete it and download it again.") from error


def _find(file: str, sources: Sources) -> Path:
    """The file in the data folder or in ZOO_HOME, with its SHA-256 checked; downloaded if it is in neither."""
    for folder in (*([sources.folder / "names"] if sources.folder else []), data_home() / "data" / "names"):
        path = folder / file
        if path.exists():
            if sha256_of(path) != FILES[file]:
                raise ZooError(
                    f"{path} is not the published file (its SHA-256 differs); delete it and download it again."
                )
            return path
    return _download(file, sources)


def _download(file: str, sources: Sources) -> Path:
    way_out = (
        f"Connect to the network and try again, or put {TRAIN} and {TEST} into DATA/names and set --data or ZOO_DATA "
        "to DATA."
    )
    return fetched(ADDRESS + file, FILES[file], "names", way_out, sources)


DATASETS = (
    Dataset("names", "Surnames of 18 countries", ADDRESS, LICENCE, read_names),
    Dataset("names-unseen", "Surnames never seen in training", ADDRESS, LICENCE, read_unseen, splits=("test",)),
)
