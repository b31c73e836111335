"""A column of a table: a field with what was learned about it in training, and how that is fitted."""

import dataclasses
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from models import field as fields
from models.errors import ZooError
from models.field import Field
from models.inputs.fields import Value

FAR = 8.0  # deviations from the mean of the largest training value, above which the logarithm of values is used
LIMIT = 50.0  # of a standardised value
TELLS = (
    0.2  # share of the error of the typical value that another field must avoid, for a field to be completed from it
)
MAX_GIVEN = 3  # fields that a field is completed from
MIN_SEEN = 3  # training inputs of a category, for a typical value of its own


@dataclass(frozen=True)
class Column:
    """A field with what was learned about it in training.

    typical: the median, or the most frequent choice; used where the value is not known. flag: whether there is a column
    that says so. Of numbers: low, high, the range in training; log, whether log(1 + value - low) is standardised; mean
    and deviation, of what is standardised. Of choices: categories, those in training. missing: the share of the
    training inputs in which it was not known. given: choices that it is completed from, the one that tells most first:
    name of the field -> its categories -> the typical value for each.
    """

    field: Field
    typical: float | str
    flag: bool = False
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    mean: float = 0.0
    deviation: float = 1.0
    categories: tuple[str, ...] = ()
    missing: float = 0.0
    given: dict[str, dict[str, float | str]] = dataclasses.field(default_factory=dict, hash=False)

    @property
    def width(self) -> int:
        """The number of its columns in x."""
        return (len(self.categories) or 1) + self.flag

    def filled(self, values: Mapping[str, Value]) -> float | str:
        """Its value among `values`, those of all fields; if it is not known, the typical one."""
        value = values.get(self.field.name)
        if value is not None:
            return value
        for name, typical in self.given.items():
            if values.get(name) in typical:
                return typical[values[name]]
        return self.typical

    def row(self, value: float | str, is_known: bool = True) -> list[float]:
        """Its columns in x for a value."""
        columns = [float(value == category) for category in self.categories] or [self.standardised(value)]
        return [*columns, *([float(not is_known)] if self.flag else [])]

    def standardised(self, value: float) -> float:
        """A number in standard deviations from the mean, at most LIMIT."""
        if self.log:
            value = math.log1p(max(0.0, value - self.low))
        return max(-LIMIT, min(LIMIT, (value - self.mean) / self.deviation))

    def is_outside(self, value: Value) -> bool:
        """Whether a number is outside the range of the training data."""
        return isinstance(value, float) and not self.low <= value <= self.high

    def is_unknown(self, value: Value) -> bool:
        """Whether a choice was in no training example."""
        return isinstance(value, str) and value not in self.categories


def fitted(each: Field, values: list[Value], flags: bool) -> Column:
    """The column of a field with these values in training. flags: as of the processor. Raises ZooError."""
    known = [value for value in values if value is not None]
    if not known:
        raise ZooError(f"The field {each.name!r:.80} has no value in any training example; leave it out.")
    flag = flags and len(known) < len(values)
    missing = 1 - len(known) / len(values)
    if each.choices:
        categories = tuple(choice for choice in each.choices if choice in known)
        return Column(each, _typical(each, known), flag, categories=categories, missing=missing)
    numbers = np.array(known, np.float64)
    low, high = float(numbers.min()), float(numbers.max())
    log = low >= 0 and high - numbers.mean() > FAR * numbers.std()
    scaled = np.log1p(numbers - low) if log else numbers
    deviation = float(scaled.std()) or 1.0
    scale = (low, high, bool(log), float(scaled.mean()), deviation)
    return Column(each, _typical(each, known), flag, *scale, missing=missing)


def _typical(each: Field, known: Sequence[float | str]) -> float | str:
    """The most frequent choice, the first of several in the field's order, or the median."""
    if not each.choices:
        return float(np.median(np.array(known, np.float64)))
    counts = Counter(known)
    return max(each.choices, key=counts.__getitem__)


def completed(column: Column, columns: Sequence[Column], values: Mapping[str, list[Value]]) -> Column:
    """The column with the choices that tell most about it, if it was always known and some tell enough.

    A field that was sometimes not known gets the value that the net has learned with. values: of each field in training
    inputs.
    """
    if column.missing:
        return column
    own, given = values[column.field.name], {}
    most = (1 - TELLS) * _error(own, [column.typical] * len(own))
    for other in columns:
        if other is column or not other.categories:
            continue
        known: dict[str, list[float | str]] = {category: [] for category in other.categories}
        for value, category in zip(own, values[other.field.name], strict=True):
            if category is not None:
                known[category].append(value)
        by = {name: _typical(column.field, each) for name, each in known.items() if len(each) >= MIN_SEEN}
        error = _error(own, [by.get(category, column.typical) for category in values[other.field.name]])
        if error < most:
            given[other.field.name] = (error, by)
    order = sorted(given, key=lambda name: given[name][0])[:MAX_GIVEN]
    return replace(column, given={name: given[name][1] for name in order})


def _error(values: Sequence[Value], expected: Sequence[Value]) -> float:
    """The sum of the distances of numbers, or the number of choices that differ."""
    return sum(float(a != b) if isinstance(a, str) else abs(a - b) for a, b in zip(values, expected, strict=True))


def plain(column: Column) -> dict[str, Any]:
    """The column in plain JSON types, without what is at its default."""
    default = Column(column.field, "")
    values = {name: value for name, value in vars(column).items() if name == "field" or value != getattr(default, name)}
    field_default = Field(column.field.name)
    values["field"] = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(column.field).items()
        if name == "name" or value != getattr(field_default, name)
    }
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def from_plain(values: Any) -> Column:
    """The inverse of `plain`, of untrusted values. Raises ValueError or TypeError."""
    made = Column(
        **{**values, "field": fields.from_dict(values["field"]), "categories": tuple(values.get("categories", ()))}
    )
    if not all(map(_is_number, (made.low, made.high, made.mean, made.deviation))) or made.deviation <= 0:
        raise ValueError(f"the column {made.field.name[:40]!r} needs finite numbers and a positive deviation")
    if not (type(made.flag) is type(made.log) is bool and made.low <= made.high):
        raise ValueError(f"the column {made.field.name[:40]!r} has a wrong range, flag or log")
    if made.field.choices:
        if not made.categories or not set(made.categories) <= set(made.field.choices):
            raise ValueError(f"the categories of {made.field.name[:40]!r} must be some of its choices")
        if made.typical not in made.categories:
            raise ValueError(f"the typical value of {made.field.name[:40]!r} must be one of its categories")
    elif made.categories or not _is_number(made.typical):
        raise ValueError(f"the typical value of {made.field.name[:40]!r} must be a finite number")
    if not (_is_number(made.missing) and 0 <= made.missing <= 1):
        raise ValueError(f"the column {made.field.name[:40]!r} has a wrong share of missing values")
    if not isinstance(made.given, dict) or not all(isinstance(by, dict) for by in made.given.values()):
        raise ValueError(f"the typical values of {made.field.name[:40]!r} must be given by categories of other fields")
    if not all(
        value in made.categories if made.categories else _is_number(value)
        for by in made.given.values()
        for value in by.values()
    ):
        raise ValueError(f"the typical values of {made.field.name[:40]!r} must be values of the field")
    return made


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)
