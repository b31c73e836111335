"""A user's own examples: reading and checking them, and the data set made of them."""

import hashlib
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from models.errors import BadInput, TooLarge, ZooError
from models.field import Field
from models.processors.base import Processor
from models.processors.table import Table
from models.processors.tokens import TextProcessor
from training.custom import folder, rows, table, texts
from training.custom.folds import folds, rows_of
from training.custom.item import Item
from training.custom.labels import alike, in_order
from training.custom.near_duplicates import groups
from training.data import EXAMPLES
from training.data.dataset import SPLITS, Dataset, Raw, Sources

MIN_EXAMPLES = 3  # different examples per label: one each for training, validation and testing
FEW = 10  # examples per label; with fewer, the user is warned
IMBALANCE = 10  # if one label has more than this many times the examples of another, the user is warned
MAX_MEMORY = 4 * 2**30  # bytes of all examples as processed arrays
NOUNS = {"ink": "drawings", "picture": "pictures", "text": "texts", "fields": "rows"}
LISTED = 5  # examples or labels named in a message


@dataclass(frozen=True, eq=False)
class Collection:
    """The readable examples, in an order that depends on labels and contents only, so that splits are reproducible.

    kind: the input kind. folds: (N,), see `training.custom.folds`. left_out: a sentence on each example left out.
    warnings: what the user should know before training. fields: those of the rows of a table.
    """

    kind: str
    items: tuple[Item, ...]
    labels: tuple[str, ...]
    folds: np.ndarray
    left_out: tuple[str, ...]
    warnings: tuple[str, ...]
    fields: tuple[Field, ...] = ()

    def __len__(self) -> int:
        return len(self.items)

    @property
    def noun(self) -> str:
        """What the examples are, such as drawings."""
        return NOUNS[self.kind]

    @property
    def rounds(self) -> int:
        """How many rounds of cross-validation test every example once."""
        return int(self.folds.max()) + 1

    @property
    def counts(self) -> dict[str, int]:
        """The number of examples of each label."""
        counts = Counter(item.label for item in self.items)
        return {label: counts[label] for label in in_order(counts)}

    @property
    def size(self) -> str:
        """How many examples and labels there are, such as "24 texts with 2 labels"."""
        return f"{len(self):,} {self.noun} with {len(self.labels)} labels"

    @property
    def split(self) -> str:
        """How many examples each split has, without the full stop."""
        index = _index(self.items, self.labels)
        train, validation, test = (len(rows_of(split, 0, index, self.folds)) for split in SPLITS)
        return f"{train:,} for training, {validation:,} for validation, {test:,} for testing"

    @property
    def sha256(self) -> str:
        """SHA-256 of labels and contents; file names and locations do not matter."""
        return hashlib.sha256("\n".join(f"{item.content} {item.label}" for item in self.items).encode()).hexdigest()

    def dataset(self, round: int = 0, *, whole: bool = False) -> Dataset:
        """The data set `examples` with the splits of this round; round 0 is the one a model is first trained on.

        whole: whether all examples are in the training split.
        """
        return Dataset(
            EXAMPLES,
            f"Own {self.noun}",
            self._origin(),
            "the author's own examples, not published",
            partial(self._read, round, whole),
            cached=False,
        )

    def _read(self, round: int, whole: bool, split: str, sources: Sources) -> Raw:
        index = _index(self.items, self.labels)
        rows = np.arange(len(self)) if whole and split == "train" else rows_of(split, round, index, self.folds)
        return Raw([self.items[row].raw for row in rows], index[rows], self.labels, self.sha256)

    def _origin(self) -> str:
        """Their origin, for the card: counts per label and the hash, but no path."""
        counts = self.counts
        each = ", ".join(f"{label} {count:,}" for label, count in counts.items())
        if len(counts) > 40:
            each = f"{min(counts.values()):,} to {max(counts.values()):,} of each label"
        return (
            f"{len(self):,} {self.noun} collected by the model's author ({each}), SHA-256 of their contents "
            f"{self.sha256}"
        )


def read(path: Path, processor: Processor, columns: Mapping[str, str | None] = table.COLUMNS) -> Collection:
    """Read the examples in a folder with one folder of images per label or, for texts, in a CSV file.

    columns: the headings that the user chose, see `training.custom.table`. Each example is decoded once to check it.
    Raises ZooError if no model can be trained on them.
    """
    path = path.expanduser().absolute()  # so that `.` has a name too
    fields: tuple[Field, ...] = ()
    if isinstance(processor, Table):
        items, left_out, notes, fields = rows.items_in(_table_file(path), columns)
        processor = processor.of(fields)
    else:
        items, left_out, notes = _items(path, processor.kind, columns)
    named = in_order({item.label for item in items})
    if isinstance(processor, TextProcessor):
        processor = texts.fitted(items, processor)
    items, unreadable = _readable(items, processor.fit(item.raw for item in items) if fields else processor)
    left_out = unreadable + left_out
    if not items:
        raise ZooError(f"{path.name} contains no readable {NOUNS[processor.kind]}{_because(left_out)}.")
    if not fields:  # equal rows of a table may well have different labels
        items, contradictions = _of_one_label(items)
        left_out += contradictions
    if len(named) < 2:
        raise ZooError(f"{path.name} has only one label, {named[0]!r}; a model needs at least two{_because(left_out)}.")
    items.sort(key=lambda item: (item.label, item.content, item.name))
    labels = tuple(named)
    index = _index(items, labels)
    near = np.zeros(len(items), np.int64)
    for number in range(len(labels)):
        of_label = np.flatnonzero(index == number)
        near[of_label] = groups([items[row] for row in of_label], processor.kind) if len(of_label) else 0
    different = {label: len(np.unique(near[index == number])) for number, label in enumerate(labels)}
    _check_counts(different, items, left_out)
    fold_of_each = folds(index, near)
    warnings = (*notes, *_warnings(items, left_out, processor.kind))
    if isinstance(processor, TextProcessor):
        warnings += texts.warnings(items, processor)
    return Collection(processor.kind, tuple(items), labels, fold_of_each, tuple(left_out), warnings, fields)


def _items(path: Path, kind: str, columns: Mapping[str, str | None]) -> tuple[list[Item], list[str], tuple[str, ...]]:
    """The examples at `path`, a sentence on each one left out, and notes on how they were read.

    Raises ZooError for the wrong kind of path.
    """
    if not path.exists():
        if kind == "text":
            raise ZooError(f"There is no such file: {path}; pass a CSV file with the columns text and label.")
        raise ZooError(f"There is no such folder: {path}; pass a folder with one folder of images per label.")
    if kind == "text":
        if path.is_dir():
            raise ZooError(
                f"This model reads texts; pass a CSV file with the columns text and label, not the folder {path}."
            )
        return table.items_in(path, columns)
    if path.is_file() and zipfile.is_zipfile(path):
        raise ZooError(
            f"{path.name} is a zip file; unpack it first, and pass the folder with one folder of images per label."
        )
    if not path.is_dir():
        raise ZooError(
            f"This model reads {NOUNS[kind]}; pass a folder with one folder of images per label, not the file {path}."
        )
    return *folder.items_in(path), ()


def _table_file(path: Path) -> Path:
    """The path of a table. Raises ZooError for one that is missing or a folder."""
    if not path.exists():
        raise ZooError(f"There is no such file: {path}; pass a CSV file with a column for the label.")
    if path.is_dir():
        raise ZooError(f"This model reads tables; pass a CSV file with a column for the label, not the folder {path}.")
    return path


def _readable(items: list[Item], processor: Processor) -> tuple[list[Item], list[str]]:
    """The items that the processor can read, and a sentence on each of the others.

    Raises TooLarge if their arrays would need more than MAX_MEMORY.
    """
    readable, problems, size = [], [], 0
    console = Console(stderr=True)
    for item in track(items, "Reading the examples", console=console, transient=True, disable=not console.is_terminal):
        try:
            arrays = processor.process(processor.read(item.raw))
        except BadInput as error:
            problems.append(f"{item.name}: {error}")
            continue
        readable.append(item)
        size += sum(array.nbytes for array in arrays.values())
        if size > MAX_MEMORY:
            raise TooLarge(
                f"There are too many {NOUNS[processor.kind]} for this model: the first {len(readable):,} of "
                f"{len(items):,} already take {MAX_MEMORY / 2**30:.0f} GB of memory. Use fewer of each label."
            )
    return readable, problems


def _of_one_label(items: list[Item]) -> tuple[list[Item], list[str]]:
    """The items whose content has only one label, and a sentence on each content with several."""
    names_by_label: dict[str, dict[str, str]] = {}  # content -> label -> name of the first such item
    for item in items:
        names_by_label.setdefault(item.content, {}).setdefault(item.label, item.name)
    contradictions = [
        f"{' and '.join(names.values())}: identical, but with {len(names)} different labels ({', '.join(names)})"
        for names in names_by_label.values()
        if len(names) > 1
    ]
    return [item for item in items if len(names_by_label[item.content]) == 1], contradictions


def _because(left_out: Sequence[str]) -> str:
    """The first reason why an example was left out, and how many were; "" if none was."""
    more = f"; and {len(left_out) - 1:,} more" if len(left_out) > 1 else ""
    return f"; left out: {left_out[0].rstrip('.')}{more}" if left_out else ""


def _check_counts(different: dict[str, int], items: Sequence[Item], left_out: Sequence[str]) -> None:
    """Raise ZooError if a label has too few different examples; of texts, the line of one is named.

    different: label -> number of examples, copies counted once.
    """
    lines = {item.label: f": {item.name}" for item in reversed(items) if isinstance(item.raw, str)}
    short = [label for label, count in different.items() if count < MIN_EXAMPLES]
    if short:
        too_few = ", ".join(f"{label} ({different[label]}{lines.get(label, '')})" for label in short[:LISTED])
        copies = sum(item.label in short for item in items) - sum(different[label] for label in short)
        more = f"; not counting {copies:,} {'copies' if copies > 1 else 'copy'} of them" if copies else ""
        raise ZooError(
            f"Each label needs at least {MIN_EXAMPLES} different examples, better {FEW} or more; too few: "
            + " ".join((f"{too_few}{more}{_because(left_out)}.", *_lookalikes(different)))
        )


def _lookalikes(labels: Iterable[str]) -> list[str]:
    return [
        f"The labels {' and '.join(map(repr, group))} look alike; if they mean the same, give them one name."
        for group in alike(labels)
    ]


def _warnings(items: Sequence[Item], left_out: Sequence[str], kind: str) -> tuple[str, ...]:
    counts = Counter(item.label for item in items)
    warnings = _lookalikes(counts)
    if left_out:
        more = f"; and {len(left_out) - LISTED:,} more" if len(left_out) > LISTED else ""
        warnings.append(
            f"{len(left_out):,} left out: {'; '.join(sentence.rstrip('.') for sentence in left_out[:LISTED])}{more}."
        )
    few = [label for label in in_order(counts) if counts[label] < FEW]
    if few:
        warnings.append(
            f"Fewer than {FEW} {NOUNS[kind]} of {', '.join(few[:LISTED])}{' and others' if len(few) > LISTED else ''}: "
            "expect mistakes and unreliable figures."
        )
    (largest, most), (smallest, least) = counts.most_common()[0], counts.most_common()[-1]
    if most > IMBALANCE * least:
        warnings.append(
            f"Imbalanced: {most:,} {NOUNS[kind]} of {largest}, only {least:,} of {smallest}. When in doubt, the "
            f"model will answer {largest}; --balance 0.5 partly corrects this."
        )
    return tuple(warnings)


def _index(items: Sequence[Item], labels: tuple[str, ...]) -> np.ndarray:
    """The index of each item's label in `labels`, int64 (N,)."""
    index = {label: i for i, label in enumerate(labels)}
    return np.array([index[item.label] for item in items], np.int64)
