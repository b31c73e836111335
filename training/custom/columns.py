"""The columns of a user's own table: which are numbers or choices, and which tell a model nothing.

Left out, with a note: the numbers or names of the rows, columns that are empty or always the same, dates and free text.
A column that gives the label away is used, with a warning.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.tree import DecisionTreeClassifier

from models.field import MAX_NUMBER, Field
from models.inputs.fields import MISSING

MAX_CATEGORIES = 50  # of a column of choices
MIN_PER_CATEGORY = 3  # mean number of rows; with fewer, a column of words is free text or names
MAX_CATEGORY = 60  # letters
MIN_NUMBERED = 20  # rows from which a column of successive numbers counts as numbering them
WORDS = 3  # mean number of words from which a column is free text
ID_NAME = re.compile(r"(?:^|[_\W])(?:id|nr|no|number|index|key|code)$|(?<=[a-z])(?:Id|ID|Nr|No)$", re.IGNORECASE)
DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}(?: .*)?|\d{1,2}:\d{2}(?::\d{2})?"
)
LEAK = 0.98  # share of the rows whose label a single column tells
GAIN = 0.5  # of the mistakes of always answering the most frequent label, a leak avoids at least so many


@dataclass(frozen=True)
class Column:
    """A column. field: None if it is left out; reason: why. leak: the share of the labels that it alone tells, or 0."""

    heading: str
    field: Field | None = None
    reason: str = ""
    leak: float = 0.0

    @property
    def kind(self) -> str:
        """What the column was taken for: "Age (number)"."""
        if self.field is None:
            return self.heading
        return f"{self.heading} ({f'{len(self.field.choices)} choices' if self.field.choices else 'number'})"


def columns(headings: Sequence[str], rows: Sequence[Sequence[str]], labels: Sequence[str]) -> list[Column]:
    """Each column of the cells (N rows), with its field or the reason why it is left out."""
    made = []
    for position, heading in enumerate(headings):
        cells = [row[position].strip() for row in rows]
        column = _column(heading, cells)
        if column.field:
            column = Column(heading, column.field, leak=_leak(cells, column.field, labels))
        made.append(column)
    return made


def summary(made: Sequence[Column]) -> list[str]:
    """Sentences on the columns, for the user."""
    used = [column.kind for column in made if column.field]
    lines = [f"Columns: {', '.join(used)}."]
    left_out = [f"{column.heading} ({column.reason})" for column in made if column.field is None]
    if left_out:
        lines.append(f"Columns left out: {', '.join(left_out)}.")
    for column in made:
        if column.leak:
            lines.append(
                f"The column {column.heading} alone gives the label away ({column.leak:.0%} of the rows). If it is not "
                "known before the label is, remove it: the model would be worthless."
            )
    return lines


def is_number_or_missing(cell: str) -> bool:
    """Whether a cell fits into a column of numbers."""
    return cell.strip().casefold() in MISSING or _number(cell) is not None


def _column(heading: str, cells: list[str]) -> Column:
    known = [cell for cell in cells if cell.casefold() not in MISSING]
    counts = Counter(known)
    if not known:
        return Column(heading, reason="it is empty")
    if len(counts) == 1:
        return Column(heading, reason=f"it is always {next(iter(counts))[:MAX_CATEGORY]!r}")
    numbers = [_number(cell) for cell in known]
    if all(number is not None for number in numbers):
        return _of_numbers(heading, numbers)
    if sum(bool(DATE.fullmatch(cell)) for cell in known) > 0.9 * len(known):
        return Column(heading, reason="dates and times are not read")
    longest = max(map(len, counts))
    if len(counts) <= MAX_CATEGORIES and longest <= MAX_CATEGORY and len(known) >= MIN_PER_CATEGORY * len(counts):
        return Column(heading, Field(heading, choices=tuple(sorted(counts))))
    if np.mean([len(cell.split()) for cell in known]) >= WORDS:
        return Column(heading, reason="free text is not read")
    return Column(heading, reason="almost every row has its own value, like a name")


def _of_numbers(heading: str, numbers: list[float]) -> Column:
    low, high = min(numbers), max(numbers)
    whole = all(number == round(number) for number in numbers)
    is_different = len(set(numbers)) == len(numbers) and len(numbers) > 2
    is_dense = len(numbers) >= MIN_NUMBERED and high - low < 1.1 * len(numbers)
    if whole and is_different and (ID_NAME.search(heading) or is_dense):
        return Column(heading, reason="it numbers the rows")
    return Column(heading, Field(heading, low=low, high=high, step=1 if whole else 0))


def _number(cell: str) -> float | None:
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) <= MAX_NUMBER else None


def _leak(cells: list[str], field: Field, labels: Sequence[str]) -> float:
    """The share of the labels that the column alone tells, by a small tree on half the rows; 0 if it is no leak."""
    names, targets = np.unique(labels, return_inverse=True)
    if field.choices:
        codes = {choice: number for number, choice in enumerate(field.choices)}
        x = np.eye(len(codes) + 1)[[codes.get(cell, len(codes)) for cell in cells]]
    else:
        numbers = [_number(cell) for cell in cells]
        x = np.array([[0.0 if each is None else each, float(each is None)] for each in numbers])
    first = np.random.default_rng(0).permutation(len(targets)) % 2 == 0
    if first.all() or not first.any():
        return 0.0
    most = np.bincount(targets).max() / len(targets)
    right = 0
    for half in (first, ~first):
        tree = DecisionTreeClassifier(max_leaf_nodes=max(2 * len(names), 4), random_state=0)
        right += int((tree.fit(x[half], targets[half]).predict(x[~half]) == targets[~half]).sum())
    share = right / len(targets)
    return share if share >= LEAK and 1 - share <= GAIN * (1 - most) else 0.0
