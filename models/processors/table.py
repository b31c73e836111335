"""Converts named values to a net's input: numbers are standardised, choices become one column each.

Array, N inputs: x float32 (N, D). Each field has a few of the D columns, in the order of the fields:
    a number   its standardised value, or that of its logarithm (see `column.FAR`); the median if it is not known
    a choice   a column for each category, 1 in that of the value; the most frequent category if not known
    either     one more column if the processor has `flags` and the field was sometimes not known in training: 1 if not

A field that was always known in training is completed from another one where that tells enough: the title of a woman
is not the most frequent title, that of men.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Self

import numpy as np

from models.evidence import Names
from models.field import Field, number
from models.inputs import fields as inputs
from models.inputs.fields import Fields, Value
from models.processors.base import TableStage
from models.processors.column import Column, completed, fitted, from_plain, plain

SHOWN = 5  # names in a note
MOSTLY = 0.5  # share of the training inputs; a field that was missing in more is typically not known
MAX_COMPLETED = 60  # fields of a task whose fields are completed from each other
SAMPLE = 4_000  # training inputs, at least, from which that is learned, if there are so many


class Table:
    """The processor of tasks whose input is fields.

    columns: the fitted ones, or their plain form of `to_dict`. fields: those to fit, if there are no columns yet.
    flags: whether x says which values are not known.
    """

    kind = "fields"

    def __init__(self, columns: Sequence[Any] = (), fields: tuple[Field, ...] = (), flags: int = 1):
        self.columns = tuple(column if isinstance(column, Column) else from_plain(column) for column in columns)
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
        columns = [fitted(each, values[each.name], bool(self.flags)) for each in self.fields]
        if len(columns) <= MAX_COMPLETED:
            count = max(map(len, values.values()))
            some = {name: each[:: max(1, count // SAMPLE)] for name, each in values.items()}
            columns = [completed(column, columns, some) for column in columns]
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
        values = canonical.values
        rows = (c.row(c.filled(values), values[c.field.name] is not None) for c in self.columns)
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
        """The raw input in which each field has its typical value; what is typically not known is left out."""
        return {column.field.name: column.typical for column in self.columns if column.missing <= MOSTLY}

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
        unknown = [c for c in self.columns if canonical.values[c.field.name] is None]
        missing, flagged = [c for c in unknown if not c.flag], [c for c in unknown if c.flag]
        if canonical.zeros:
            names = _listed([c.field for c in self.columns if c.field.name in canonical.zeros])
            notes.append(f"A value of 0 was read as not known: {names}.")
        if missing:
            shown = _listed([c.field for c in missing], [c.field.display(c.filled(canonical.values)) for c in missing])
            notes.append(f"Not known, so that the typical value was used: {shown}.")
        if flagged:  # the net has an input for it
            notes.append(f"Not known, which counts as evidence too: {_listed([c.field for c in flagged])}.")
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
        filled = [(c.field.label, c.field.display(c.filled(values))) for c in self.columns]
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
        return {"name": "table", "columns": [plain(column) for column in self.columns], "flags": self.flags}

    @cached_property
    def parts(self) -> list[slice]:
        """The columns of x of each field."""
        ends = np.cumsum([column.width for column in self.columns]).tolist()
        return [slice(end - column.width, end) for end, column in zip(ends, self.columns, strict=True)]


def _listed(names: Sequence[Field], values: Sequence[str] = ()) -> str:
    shown = [each.title or each.name for each in names[:SHOWN]]
    if values:
        shown = [f"{name} ({value})" for name, value in zip(shown, values[:SHOWN], strict=True)]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(shown) + more
