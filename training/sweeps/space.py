"""The settings that a sweep tries: lists of values, `0.001,0.01`, and ranges, `0.001..0.1`. Nothing here imports torch.

The names, types and bounds of hyperparameters are those of `training/recipe.py`.
"""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass

from models.entry import Entry
from models.errors import ZooError
from models.sweeps import value_text
from training.recipe import changed, expected, flag, options, type_of

MAX_RUNS = 1_000
LOGARITHMIC = ("lr", "weight_decay", "eps")  # ranges of these are searched on a logarithmic scale
WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}

Value = bool | int | float | str | None


@dataclass(frozen=True)
class Range:
    """A range of numbers, both ends included. logarithmic: whether each factor of ten is searched equally often."""

    low: float
    high: float
    whole: bool
    logarithmic: bool

    def __str__(self) -> str:
        return f"{self.low:g}..{self.high:g}"


@dataclass(frozen=True)
class Space:
    """The settings to try. choices: hyperparameter -> its values. ranges: hyperparameter -> its range."""

    choices: dict[str, tuple[Value, ...]]
    ranges: dict[str, Range]

    @property
    def names(self) -> list[str]:
        """The hyperparameters that differ between runs; if none does, those that are set."""
        return [*(name for name, values in self.choices.items() if len(values) > 1), *self.ranges] or [*self.choices]

    @property
    def combinations(self) -> list[dict[str, Value]]:
        """The product of all choices; the last hyperparameter varies fastest."""
        return [dict(zip(self.choices, values, strict=True)) for values in itertools.product(*self.choices.values())]


def space_of(entry: Entry, texts: Mapping[str, str | None], *, search: bool) -> Space:
    """The space that `texts`, hyperparameter -> what was typed, describes; a text of None is left out.

    search: whether ranges are allowed; a search in which nothing differs also tries learning rates and batch sizes.
    Every value is checked against the bounds of its hyperparameter and for an effect on the entry. Raises ZooError.
    """
    choices: dict[str, tuple[Value, ...]] = {}
    ranges: dict[str, Range] = {}
    for name, text in texts.items():
        if text is None:
            continue
        if name not in options():
            raise ZooError(f"A recipe has no option {name!r:.80}; it has {', '.join(options())}.")
        if ".." in text:
            if not search:
                raise ZooError(f"{flag(name)} {text:.80} is a range; add --search N to try N settings from it.")
            ranges[name] = _range(name, text)
            values: tuple[Value, ...] = (_end(name, ranges[name].low), _end(name, ranges[name].high))
        else:
            values = choices[name] = _values(name, text)
        for value in values:
            changed(entry, {name: value})
    count = math.prod(map(len, choices.values()))
    if not search and count > MAX_RUNS:
        raise ZooError(
            f"These lists make {count:,} combinations; at most {MAX_RUNS:,} can be trained. "
            "Shorten a list, or use --search N to try some of them."
        )
    if search and count == 1 and not ranges:
        usual = _usual(entry)
        choices = {**usual.choices, **choices}
        ranges = {name: limits for name, limits in usual.ranges.items() if name not in choices}
    return Space(choices, ranges)


def _usual(entry: Entry) -> Space:
    """Batch sizes around the entry's, and learning rates within a factor of ten."""
    lr, size = entry.recipe.lr, entry.recipe.batch
    batch = sorted({max(2, size // 4), size, max(size, min(1_024, size * 4))})
    return Space({"batch": tuple(batch)}, {"lr": Range(lr / 10, min(lr * 10, 99.0), whole=False, logarithmic=True)})


def shown(settings: Mapping[str, Value]) -> str:
    """Settings as a line of text: "lr 0.01, batch 128"; "the entry's recipe" for none."""
    return ", ".join(f"{name.replace('_', ' ')} {value_text(value)}" for name, value in settings.items()) or (
        "the entry's recipe"
    )


def _values(name: str, text: str) -> tuple[Value, ...]:
    if name == "datasets":  # a comma joins the data sets of one run
        return (text,)
    parts = [part.strip() for part in text.split(",")]
    values = tuple(_parsed(name, part) for part in parts)
    repeated = next((value for index, value in enumerate(values) if value in values[:index]), None)
    if repeated is not None:
        raise ZooError(f"{flag(name)} lists {value_text(repeated)} twice; list each value once.")
    return values


def _parsed(name: str, text: str) -> Value:
    kind = type_of(options()[name])
    if kind is bool:
        if text.casefold() not in WORDS:
            raise ZooError(f"{flag(name)} is {text!r:.40}; expected true or false, or true,false to try both.")
        return WORDS[text.casefold()]
    if kind is str:
        return text
    try:
        return kind(text)
    except ValueError:
        raise ZooError(
            f"{flag(name)} is {text!r:.40}; expected {expected(name)}, or several, separated by commas."
        ) from None


def _range(name: str, text: str) -> Range:
    kind = type_of(options()[name])
    if kind not in (int, float):
        raise ZooError(f"{flag(name)} does not take a range; list its values, separated by commas.")
    ends = [part.strip() for part in text.split("..")]
    if len(ends) != 2:
        raise ZooError(f"{flag(name)} {text:.80} is not a range; expected LOW..HIGH, such as 0.001..0.1.")
    low, high = (_parsed(name, end) for end in ends)
    if not low < high:
        raise ZooError(f"{flag(name)} {text:.80} is not a valid range; write the smaller number first.")
    return Range(low, high, kind is int, name in LOGARITHMIC and low > 0)


def _end(name: str, number: float) -> Value:
    return int(number) if type_of(options()[name]) is int else number
