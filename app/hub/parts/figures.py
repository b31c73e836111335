"""A model's figures in plain words: what stands in `config.json` and `evaluation.json`, formatted for people."""

from collections.abc import Sequence
from typing import Any

from models.catalog import Model
from models.checkpoint import Figure

MANY = 4  # a confusion is worth a sentence only if it is among the most frequent few


def headline(model: Model) -> Figure | None:
    """The figure that stands for the model: on its task's first data set that it was tested on."""
    figures = model.config.figures
    return next((figures[name] for name in model.task.datasets if name in figures), None)


def share(value: float | None) -> str:
    """A share of one to a tenth of a percent."""
    return "not tested" if value is None else f"{100 * value:.1f}%"


def with_interval(figure: Figure) -> str:
    """`99.3% (99.2-99.5)`"""
    low, high = figure.interval
    return f"{share(figure.accuracy)} ({100 * low:.1f}\u2013{100 * high:.1f})"


def count(figure: Figure) -> str:
    """`right on 9,934 of 10,000`"""
    return f"right on {round(figure.accuracy * figure.n):,} of {figure.n:,}"


def size(parameters: int) -> str:
    """A number of parameters, short: `8,490`, `567 thousand`, `1.2 million`."""
    if parameters < 10_000:
        return f"{parameters:,}"
    return f"{parameters / 1e3:.0f} thousand" if parameters < 1e6 else f"{parameters / 1e6:.1f} million"


def duration(seconds: float) -> str:
    """Seconds for people."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def worst(labels: Sequence[str], confusion: Sequence[Sequence[int]], most: int = MANY) -> list[tuple[str, str, int]]:
    """The most frequent mistakes: (what it was, what it was taken for, how often), the worst first."""
    cells = [
        (labels[row], labels[column], times)
        for row, counts in enumerate(confusion)
        for column, times in enumerate(counts)
        if row != column and times
    ]
    return sorted(cells, key=lambda cell: -cell[2])[:most]


def tested(evaluation: dict[str, Any], model: Model) -> dict[str, dict[str, Any]]:
    """The test figures by data set, the task's own order first."""
    sets = evaluation.get("test") or {}
    order = [name for name in model.task.datasets if name in sets]
    return {name: sets[name] for name in [*order, *(name for name in sets if name not in order)]}
