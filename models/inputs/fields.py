"""Fields: an input of named values, numbers or choices. Values may be missing.

A value is refused if it cannot be meant: text for a number, NaN, a number beyond MAX_NUMBER, an unknown choice or an
unknown field. Numbers outside the range of the training data are read; the processor notes them.
"""

import math
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from models.errors import BadInput
from models.field import MAX_NUMBER, Field

EMPTY = "There are no values yet; enter at least one."
MISSING = ("", "na", "n/a", "nan", "null", "none", "?", "-")  # cells that hold no value
SHOWN = 6  # names in a sentence
SHOWN_LETTERS = 40  # of a value in a sentence
DECIMAL_COMMA = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+),\d+")  # 3,14 or 1.234,5

Value = float | str | None


@dataclass(frozen=True)
class Fields:
    """The canonical input: the value of each field in the task's order, None if it is not known.

    zeros: names of the fields whose 0 was read as not known.
    """

    values: Mapping[str, Value]
    zeros: tuple[str, ...] = field(default=())


def read(raw: Any, fields: tuple[Field, ...]) -> Fields:
    """Read a mapping from names to values; None and missing names are values that are not known. Raises BadInput."""
    if isinstance(raw, Fields):
        return raw
    if raw is None:
        raise BadInput(EMPTY)
    if not isinstance(raw, Mapping):
        raise BadInput(
            f"The input must be a mapping from fields to values, not {type(raw).__name__}; {_expected(fields)}"
        )
    by_name = {each.name: each for each in fields}
    for name in raw:
        if name not in by_name:
            near = get_close_matches(str(name)[:SHOWN_LETTERS], by_name, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else _expected(fields)
            raise BadInput(f"There is no field {str(name)[:SHOWN_LETTERS]!r}. {hint}")
    values = {each.name: _value(raw.get(each.name), each) for each in fields}
    zeros = tuple(each.name for each in fields if each.zero_is_missing and values[each.name] == 0)
    if all(value is None for value in values.values()):
        raise BadInput(EMPTY)
    return Fields({**values, **dict.fromkeys(zeros)}, zeros)


def from_texts(texts: Mapping[str, str], fields: tuple[Field, ...], decimal_commas: bool = False) -> dict[str, Value]:
    """The raw input in texts by field, as in a CSV row or on the command line. Raises BadInput.

    An empty text, or one such as "NA", is a value that is not known. decimal_commas: whether 3,14 is a number.
    """
    by_name = {each.name: each for each in fields}
    return {name: _parsed(text, by_name.get(name), decimal_commas) for name, text in texts.items()}


def with_decimal_point(text: str) -> str:
    """A number with a decimal comma, such as 3,14 or 1.234,5, with a point instead; any other text as it is."""
    return text.replace(".", "").replace(",", ".") if DECIMAL_COMMA.fullmatch(text.strip()) else text


def _parsed(text: str, each: Field | None, decimal_commas: bool) -> Value:
    text = text.strip()
    if text.casefold() in MISSING and not (each and text in each.choices):
        return None
    if each is None or each.choices:
        return text
    try:
        return float(with_decimal_point(text) if decimal_commas else text)
    except ValueError:
        raise BadInput(_not_a_number(text, each)) from None


def _value(value: Any, each: Field) -> Value:
    if value is None:
        return None
    if each.choices:
        return _choice(value, each)
    if isinstance(value, bool) or not isinstance(value, int | float):
        with suppress(AttributeError, ValueError):
            value = value.item()  # a number of NumPy
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadInput(_not_a_number(value, each))
    if isinstance(value, float) and not math.isfinite(value):
        raise BadInput(f"{each.name!r} is {value}, which is not a finite number. Leave it out if it is not known.")
    if abs(value) > MAX_NUMBER:
        raise BadInput(f"{each.name!r} is larger than {MAX_NUMBER:.0e}; check the value and its unit.")
    return float(value)


def _choice(value: Any, each: Field) -> str:
    """The choice that a value names, by itself or by its display name, without regard to case."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MAX_NUMBER
    is_whole = is_number and value == int(value)
    text = str(int(value)) if is_whole else str(value).strip() if isinstance(value, str) else ""
    if text in each.choices:
        return text
    folded = {choice.casefold(): choice for choice in each.choices}
    folded |= {name.casefold(): choice for choice, name in each.choice_names.items()}
    if text.casefold() in folded:
        return folded[text.casefold()]
    shown = ", ".join(each.choices[:20]) + (", ..." if len(each.choices) > 20 else "")
    raise BadInput(f"{each.name!r} is {_shown(value)}, expected one of: {shown}.")


def _not_a_number(value: Any, each: Field) -> str:
    unit = f" in {each.unit}" if each.unit else ""
    return f"{each.name!r} is {_shown(value)}, expected a number{unit}. Leave it out if it is not known."


def _shown(value: Any) -> str:
    """A wrong value in a sentence."""
    if isinstance(value, str):
        return repr(value if len(value) <= SHOWN_LETTERS else f"{value[:SHOWN_LETTERS]}...")
    is_short = isinstance(value, bool) or (isinstance(value, int | float) and not abs(value) > MAX_NUMBER)
    return str(value) if is_short else f"of type {type(value).__name__}"


def _expected(fields: tuple[Field, ...]) -> str:
    shown = ", ".join(each.name for each in fields[:SHOWN]) + (", ..." if len(fields) > SHOWN else "")
    return f"The fields are: {shown}."
