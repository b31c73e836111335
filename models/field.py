"""A field: one named value of an input of the kind `fields`, a number or one of a few choices."""

import math
from dataclasses import dataclass, field
from typing import Any

MAX_NUMBER = 1e12  # a larger one is a mistake
MAX_LETTERS = 200  # of a name, a unit or a choice
MAX_CHOICES = 200
MAX_FIELDS = 500


@dataclass(frozen=True)
class Field:
    """A named value.

    name: as in requests and tables. title: as people read it (default: the name). unit: of a number, such as "years".
    low, high: the range that a form offers; other numbers may be sent. step: 1 for whole numbers, 0 for any.
    choices: the possible values; empty for a number. choice_names: display names of choices.
    zero_is_missing: whether a 0 stands for a value that was not measured.
    """

    name: str
    title: str = ""
    unit: str = ""
    low: float = 0.0
    high: float = 1.0
    step: float = 0.0
    choices: tuple[str, ...] = ()
    choice_names: dict[str, str] = field(default_factory=dict, hash=False)
    zero_is_missing: bool = False

    @property
    def label(self) -> str:
        """The title with the unit: "Age (years)"."""
        return f"{self.title or self.name} ({self.unit})" if self.unit else self.title or self.name

    def display(self, value: float | str | None) -> str:
        """A value as it is shown to people."""
        if value is None:
            return "not known"
        return self.choice_names.get(value, value) if isinstance(value, str) else number(value)


def number(value: float) -> str:
    """A number as it is shown to people: 30, 0.627, 1,024."""
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e15 else f"{value:,.4g}"


def from_dict(values: Any) -> Field:
    """The field with these untrusted values. Raises ValueError or TypeError if they are not a field."""
    if not isinstance(values, dict):
        raise TypeError("a field must be an object")
    made = Field(**{**values, "choices": tuple(values.get("choices", ()))})
    check(made)
    return made


def check(each: Field) -> None:
    """Raise ValueError unless the parts of a field have the right types and are bounded."""
    texts = (each.name, each.title, each.unit, *each.choices, *each.choice_names, *each.choice_names.values())
    if not all(isinstance(text, str) and len(text) <= MAX_LETTERS for text in texts) or not each.name.strip():
        raise ValueError(f"the name, unit and choices of a field must be texts of at most {MAX_LETTERS} letters")
    numbers = (each.low, each.high, each.step)
    if not all(type(value) in (int, float) and math.isfinite(value) for value in numbers) or each.low > each.high:
        raise ValueError(f"the range of the field {each.name[:40]!r} must be two finite numbers, the lower one first")
    if len(each.choices) > MAX_CHOICES or len(set(each.choices)) < len(each.choices):
        raise ValueError(f"the field {each.name[:40]!r} must have at most {MAX_CHOICES} different choices")
    if not isinstance(each.zero_is_missing, bool):
        raise ValueError("zero_is_missing must be true or false")


def check_all(fields: tuple[Field, ...]) -> None:
    """Raise ValueError unless these are at most MAX_FIELDS fields with different names."""
    if len(fields) > MAX_FIELDS or len({each.name for each in fields}) < len(fields):
        raise ValueError(f"a task must have at most {MAX_FIELDS} fields with different names")
    for each in fields:
        check(each)
