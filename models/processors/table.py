"""Converts named values to a net's input: numbers are standardised, choices become one column each.

Array, N inputs: x float32 (N, D). Each field has a few of the D columns, in the order of the fields:
    a number   its standardised value, or that of its logarithm (see FAR); the median if it is not known
    a choice   a column for each category, 1 in that of the value; the most frequent category if not known
    either     one more column if the processor has `flags` and the field was sometimes not known in training: 1 if not
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from models import field as fields
from models.errors import ZooError
from models.evidence import Names
from models.field import Field, number
from models.inputs import fields as inputs
from models.inputs.fields import Fields, Value
from models.processors.base import TableStage

FAR = 8.0  # deviations from the mean of the largest training value, above which the logarithm of values is used
LIMIT = 50.0  # of a standardised value
SHOWN = 5  # names in a note


@dataclass(frozen=True)
class Column:
    """A field with what was learned about it in training.

    typical: the median, or the most frequent choice; used where the value is not known. flag: whether there is a column
    that says so. Of numbers: low, high, the range in training; log, whether log(1 + value - low) is standardised; mean
    and deviation, of what is standardised. Of choices: categories, those in training.
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

    @property
    def width(self) -> int:
        """The number of its columns in x."""
        return (len(self.categories) or 1) + self.flag

    def row(self, value: Value) -> list[float]:
        """Its columns in x for a value."""
        shown = self.typical if value is None else value
        columns = [float(shown == category) for category in self.categories] or [self.standardised(shown)]
        return [*columns, *([float(value is None)] if self.flag else [])]

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


class Table:
    """The processor of tasks whose input is fields.

    columns: the fitted ones, or their plain form of `to_dict`. fields: those to fit, if there are no columns yet.
    flags: whether x says which values are not known.
    """

    kind = "fields"

    def __init__(self, columns: Sequence[Any] = (), fields: tuple[Field, ...] = (), flags: int = 1):
        self.columns = tuple(column if isinstance(column, Column) else _column(column) for column in columns)
        self.fields = fields or tuple(column.field for column in self.columns)
        self.flags = int(bool(flags))

    def of(self, fields: tuple[Field, ...]) -> "Table":
        """An unfitted processor of these fields, with the same settings."""
        return Table(fields=fields, flags=self.flags)

    def fit(self, raws: Iterable[Any], more: Iterable[str] = ()) -> Self:
        """The processor with the medians, scales and categories of these inputs."""
        values: dict[str, list[Value]] = {each.name: [] for each in self.fields}
        for raw in raws:
            for name, value in self.read(raw).values.items():
                values[name].append(value)
        columns = [_fitted(each, values[each.name], bool(self.flags)) for each in self.fields]
        return type(self)(columns, flags=self.flags)

    def sizes(self) -> dict[str, int]:
        """The number of columns of x."""
        return {"columns": sum(column.width for column in self.columns)}

    def known(self) -> Sequence[str]:
        """Nothing: there is no vocabulary."""
        return ()

    def read(self, raw: Any) -> Fields:
        """The canonical input; see `models.inputs.fields.read`."""
        return inputs.read(raw, self.fields)

    def process(self, canonical: Fields) -> dict[str, np.ndarray]:
        """`{"x": (D,)}` of one input."""
        rows = (column.row(canonical.values[column.field.name]) for column in self.columns)
        return {"x": np.array([value for row in rows for value in row], np.float32)}

    def process_batch(self, inputs: Sequence[Fields]) -> dict[str, np.ndarray]:
        """`{"x": (N, D)}`."""
        return self.collate([self.process(each) for each in inputs])

    def collate(self, items: Sequence[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """Join results of `process` into one batch."""
        return {"x": np.stack([item["x"] for item in items])}

    def places(self, canonical: Fields) -> Names:
        """The names of the fields."""
        return Names(tuple(column.field.name for column in self.columns))

    def occlusions(self, arrays: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Copies of one processed input, each with one field at its typical value, and the fields' indices."""
        spots = np.arange(len(self.columns))
        return self.collate([self.without(arrays, [spot]) for spot in spots]), spots

    def without(self, arrays: dict[str, np.ndarray], places: Iterable[int]) -> dict[str, np.ndarray]:
        """A copy of one processed input with these fields, by index, at their typical values."""
        x = arrays["x"].copy()
        for place in places:
            x[self.parts[place]] = self.columns[place].row(self.columns[place].typical)
        return {"x": x}

    def typical(self) -> dict[str, float | str]:
        """The raw input in which each field has its typical value."""
        return {column.field.name: column.typical for column in self.columns}

    def ends(self, which: int) -> dict[str, float | str]:
        """The raw input with the lowest (0) or the highest (-1) value of each field, or its first or last category."""
        return {c.field.name: (c.categories or (c.low, c.high))[which] for c in self.columns}

    def along(self, canonical: Fields, name: str, count: int) -> list[Fields]:
        """Copies of an input with other values of a field: its categories, or up to `count` numbers in its range."""
        column = next(column for column in self.columns if column.field.name == name)
        values: Sequence[float | str] = column.categories
        if not values:
            numbers = np.linspace(column.low, column.high, count)
            values = np.unique(numbers.round() if column.field.step == 1 else numbers).tolist()
        return [Fields({**canonical.values, name: value}) for value in values]

    def notes(self, canonical: Fields) -> tuple[str, ...]:
        """What was not known, and what the training data did not contain."""
        notes = []
        missing = [c for c in self.columns if canonical.values[c.field.name] is None]
        if canonical.zeros:
            names = _listed([c.field for c in self.columns if c.field.name in canonical.zeros])
            notes.append(f"A value of 0 was read as not known: {names}.")
        if missing:
            shown = _listed([c.field for c in missing], [c.field.display(c.typical) for c in missing])
            notes.append(f"Not known, so that the typical value was used: {shown}.")
        for column in self.columns:
            value = canonical.values[column.field.name]
            if column.is_outside(value):
                side = "below" if value < column.low else "above"
                limits = f"{number(column.low)} to {number(column.high)}"
                notes.append(
                    f"{column.field.title or column.field.name} is {number(value)}, {side} the range of the training "
                    f"data ({limits})."
                )
            elif column.is_unknown(value):
                notes.append(
                    f"{column.field.title or column.field.name} is {column.field.display(value)}, which was in no "
                    "training example."
                )
        return tuple(notes)

    def stages(self, canonical: Fields) -> list[TableStage]:
        """The steps from the values to the net's input."""
        values = canonical.values
        rows = [(c.field.label, c.field.display(values[c.field.name])) for c in self.columns]
        filled = [
            (c.field.label, c.field.display(c.typical if values[c.field.name] is None else values[c.field.name]))
            for c in self.columns
        ]
        x = self.process(canonical)["x"]
        scaled = [
            (c.field.label, " ".join(f"{value:.2f}" for value in x[part]))
            for c, part in zip(self.columns, self.parts, strict=True)
        ]
        return [
            TableStage("Your values", "As they were read.", tuple(rows)),
            TableStage("Completed", "What is not known has the typical value of the training data.", tuple(filled)),
            TableStage(
                "The net's input",
                "Numbers in standard deviations from the mean; a 1 for the chosen category, and, where it can be "
                "missing, for a value that is not known.",
                tuple(scaled),
            ),
        ]

    def to_dict(self) -> dict[str, Any]:
        """The content of `processor.json`."""
        return {"name": "table", "columns": [_plain(column) for column in self.columns], "flags": self.flags}

    @cached_property
    def parts(self) -> list[slice]:
        """The columns of x of each field."""
        ends = np.cumsum([column.width for column in self.columns]).tolist()
        return [slice(end - column.width, end) for end, column in zip(ends, self.columns, strict=True)]


def _fitted(each: Field, values: list[Value], flags: bool) -> Column:
    known = [value for value in values if value is not None]
    if not known:
        raise ZooError(f"The field {each.name!r:.80} has no value in any training example; leave it out.")
    flag = flags and len(known) < len(values)
    if each.choices:
        counts = Counter(known)
        categories = tuple(choice for choice in each.choices if counts[choice])
        return Column(each, max(categories, key=counts.__getitem__), flag, categories=categories)
    numbers = np.array(known, np.float64)
    low, high = float(numbers.min()), float(numbers.max())
    log = low >= 0 and high - numbers.mean() > FAR * numbers.std()
    scaled = np.log1p(numbers - low) if log else numbers
    deviation = float(scaled.std()) or 1.0
    median = float(np.median(numbers))
    return Column(each, median, flag, low, high, bool(log), float(scaled.mean()), deviation)


def _plain(column: Column) -> dict[str, Any]:
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


def _column(values: Any) -> Column:
    """The inverse of `_plain`, of untrusted values. Raises ValueError or TypeError."""
    made = Column(
        **{**values, "field": fields.from_dict(values["field"]), "categories": tuple(values.get("categories", ()))}
    )
    numbers = (made.low, made.high, made.mean, made.deviation)
    if not all(type(value) in (int, float) and math.isfinite(value) for value in numbers) or made.deviation <= 0:
        raise ValueError(f"the column {made.field.name[:40]!r} needs finite numbers and a positive deviation")
    if not (type(made.flag) is type(made.log) is bool and made.low <= made.high):
        raise ValueError(f"the column {made.field.name[:40]!r} has a wrong range, flag or log")
    if made.field.choices:
        if not made.categories or not set(made.categories) <= set(made.field.choices):
            raise ValueError(f"the categories of {made.field.name[:40]!r} must be some of its choices")
        if made.typical not in made.categories:
            raise ValueError(f"the typical value of {made.field.name[:40]!r} must be one of its categories")
    elif made.categories or type(made.typical) not in (int, float) or not math.isfinite(made.typical):
        raise ValueError(f"the typical value of {made.field.name[:40]!r} must be a finite number")
    return made


def _listed(names: Sequence[Field], values: Sequence[str] = ()) -> str:
    shown = [each.title or each.name for each in names[:SHOWN]]
    if values:
        shown = [f"{name} ({value})" for name, value in zip(shown, values[:SHOWN], strict=True)]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(shown) + more
