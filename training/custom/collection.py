"""One's own examples, read and checked: what can be learnt from, what was left out, and the data set made of it."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from models.errors import BadInput, TooLarge, ZooError
from models.processors.base import Processor
from training.custom import folder, table
from training.custom.folds import folds, rows_of
from training.custom.item import Item
from training.custom.near_duplicates import groups
from training.data import EXAMPLES
from training.data.dataset import SPLITS, Dataset, Raw, Sources

FEWEST = 3  # different examples of a label: one to train on, one to validate on, one to test on
FEW = 10  # of a label; with fewer a person is warned
UNEVEN = 10  # times as many of one label as of another, and a person is warned
ROOM = 4 * 2**30  # bytes that all examples may take as the net's arrays
NOUNS = {"ink": "drawings", "picture": "pictures", "text": "texts"}
LISTED = 5  # of what was left out, by name


@dataclass(frozen=True, eq=False)
class Collection:
    """Examples that can be read, ordered by content alone, so that the same examples are always split alike.

    kind: the input kind. folds: (N,), see `training.custom.folds`. left_out: a sentence on each that was; warnings:
        what their maker should know before training.
    """

    kind: str
    items: tuple[Item, ...]
    labels: tuple[str, ...]
    folds: np.ndarray
    left_out: tuple[str, ...]
    warnings: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.items)

    @property
    def noun(self) -> str:
        """What the examples are, such as drawings."""
        return NOUNS[self.kind]

    @property
    def rounds(self) -> int:
        """How many rounds test every example once."""
        return int(self.folds.max()) + 1

    @property
    def counts(self) -> dict[str, int]:
        """How many examples each label has."""
        return dict(sorted(Counter(item.label for item in self.items).items()))

    @property
    def summary(self) -> str:
        """A sentence: how many there are, and how they are divided."""
        index = _index(self.items, self.labels)
        train, validation, test = (len(rows_of(split, 0, index, self.folds)) for split in SPLITS)
        return (
            f"{len(self):,} {self.noun} with {len(self.labels)} labels: "
            f"{train:,} for training, {validation:,} for validation, {test:,} for testing."
        )

    @property
    def sha256(self) -> str:
        """Of the labels and the contents; what files are called and where they lie does not matter."""
        return hashlib.sha256("\n".join(f"{item.content} {item.label}" for item in self.items).encode()).hexdigest()

    def dataset(self, round: int = 0) -> Dataset:
        """The data set `examples` with the parts of this round; the first is the one that a model is made by."""
        return Dataset(
            EXAMPLES,
            f"Own {self.noun}",
            self._told(),
            "the author's own examples, not published",
            partial(self._read, round),
            cached=False,
        )

    def _read(self, round: int, split: str, sources: Sources) -> Raw:
        index = _index(self.items, self.labels)
        rows = rows_of(split, round, index, self.folds)
        return Raw([self.items[row].raw for row in rows], index[rows], self.labels, self.sha256)

    def _told(self) -> str:
        """Where they come from, for the card: how many of each label and the hash, but no path."""
        counts = self.counts
        each = ", ".join(f"{label} {count:,}" for label, count in counts.items())
        if len(counts) > 40:
            each = f"{min(counts.values()):,} to {max(counts.values()):,} of each label"
        return f"{len(self):,} {self.noun} collected by the model's author ({each}), SHA-256 of their contents {self.sha256}"


def read(path: Path, processor: Processor) -> Collection:
    """The examples in a folder of class folders, or for texts in a CSV file, each checked by decoding it once.

    Raises ZooError with one sentence for what no model can be made of.
    """
    path = path.expanduser().absolute()  # so that `.` too has a name
    items, left_out = _found(path, processor.kind)
    named = sorted({item.label for item in items})
    items, unread = _readable(items, processor)
    left_out = unread + left_out
    if not items:
        why = f" ({left_out[0].rstrip('.')})" if left_out else ""
        raise ZooError(f"{path.name} contains no readable {NOUNS[processor.kind]}{why}.")
    items, contrary = _of_one_label(items)
    left_out += contrary
    if len(named) < 2:
        raise ZooError(f"{path.name} has only one label, {named[0]!r}; a model needs at least two.")
    items.sort(key=lambda item: (item.label, item.content, item.name))
    labels = tuple(named)
    index = _index(items, labels)
    near = np.zeros(len(items), np.int64)
    for number in range(len(labels)):
        rows = np.flatnonzero(index == number)
        near[rows] = groups([items[row] for row in rows], processor.kind) if len(rows) else 0
    _enough({label: len(np.unique(near[index == number])) for number, label in enumerate(labels)}, left_out)
    divided = folds(index, near)
    return Collection(
        processor.kind, tuple(items), labels, divided, tuple(left_out), _warnings(items, left_out, processor.kind)
    )


def _found(path: Path, kind: str) -> tuple[list[Item], list[str]]:
    if not path.exists():
        raise ZooError(
            f"{path} was not found; pass a "
            f"{'CSV file' if kind == 'text' else 'folder with one folder of images per label'}."
        )
    if kind == "text":
        if path.is_dir():
            raise ZooError(
                f"This model reads texts; pass a CSV file with the columns text and label, not the folder {path}."
            )
        return table.items_in(path)
    if not path.is_dir():
        raise ZooError(
            f"This model reads {NOUNS[kind]}; pass a folder with one folder of images per label, not the file {path}."
        )
    return folder.items_in(path)


def _readable(items: list[Item], processor: Processor) -> tuple[list[Item], list[str]]:
    """Those that the processor takes, and a sentence on each other.

    Raises TooLarge where their arrays would not fit.
    """
    good, bad, size = [], [], 0
    console = Console(stderr=True)
    for item in track(items, "Reading the examples", console=console, transient=True, disable=not console.is_terminal):
        try:
            arrays = processor.process(processor.read(item.raw))
        except BadInput as error:
            bad.append(f"{item.name}: {error}")
            continue
        good.append(item)
        size += sum(array.nbytes for array in arrays.values())
        if size > ROOM:
            raise TooLarge(
                f"There are too many {NOUNS[processor.kind]} for this model: the first {len(good):,} of "
                f"{len(items):,} already take {ROOM / 2**30:.0f} GB of memory. Use fewer of each label."
            )
    return good, bad


def _of_one_label(items: list[Item]) -> tuple[list[Item], list[str]]:
    """Those whose content stands under one label only, and a sentence on each content that stands under two."""
    under: dict[str, dict[str, str]] = {}
    for item in items:
        under.setdefault(item.content, {}).setdefault(item.label, item.name)
    contrary = [
        f"{' and '.join(names.values())}: identical, but with {len(names)} different labels ({', '.join(names)})"
        for names in under.values()
        if len(names) > 1
    ]
    return [item for item in items if len(under[item.content]) == 1], contrary


def _enough(different: dict[str, int], left_out: Sequence[str]) -> None:
    """Raise ZooError where there are too few different examples of a label."""
    short = [f"{label} ({count})" for label, count in different.items() if count < FEWEST]
    if short:
        because = f"; left out: {left_out[0].rstrip('.')}" if left_out else ""
        raise ZooError(
            f"Each label needs at least {FEWEST} different examples, better {FEW} or more; too few: "
            f"{', '.join(short[:LISTED])}{because}."
        )


def _warnings(items: Sequence[Item], left_out: Sequence[str], kind: str) -> tuple[str, ...]:
    counts = Counter(item.label for item in items)
    warnings = []
    if left_out:
        more = f"; and {len(left_out) - LISTED:,} more" if len(left_out) > LISTED else ""
        warnings.append(f"{len(left_out):,} left out: {'; '.join(one.rstrip('.') for one in left_out[:LISTED])}{more}.")
    few = [label for label, count in sorted(counts.items()) if count < FEW]
    if few:
        warnings.append(
            f"Fewer than {FEW} {NOUNS[kind]} of {', '.join(few[:LISTED])}{' and others' if len(few) > LISTED else ''}: "
            "expect mistakes and unreliable figures."
        )
    (most, many), (least, some) = counts.most_common()[0], counts.most_common()[-1]
    if many > UNEVEN * some:
        warnings.append(
            f"Imbalanced: {many:,} {NOUNS[kind]} of {most}, {some:,} of {least}; when in doubt, the model will answer "
            f"{most} (--balance 0.5 partly corrects this)."
        )
    return tuple(warnings)


def _index(items: Sequence[Item], labels: tuple[str, ...]) -> np.ndarray:
    """The number of each item's label, int64 (N,)."""
    number = {label: i for i, label in enumerate(labels)}
    return np.array([number[item.label] for item in items], np.int64)
