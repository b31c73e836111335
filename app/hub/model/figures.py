"""A model's figures in plain words: what stands in `config.json` and `evaluation.json`, formatted for people."""

from collections.abc import Sequence

from models.catalog import Model
from models.config import Figure
from models.evaluation import CrossValidation, Evaluation, Figures
from models.task import Task

MANY = 4  # a confusion is worth a sentence only if it is among the most frequent few


def dataset_name(task: Task, name: str) -> str:
    """A data set in plain words, by its name where the task has none for it."""
    return task.dataset_names.get(name, name)


def told(task: Task, text: str) -> str:
    """A text of the task's with its `data-sets` in plain words."""
    for name, words in task.dataset_names.items():
        text = text.replace(f"`{name}`", f"\u201c{words}\u201d")
    return text


def share(value: float | None) -> str:
    """A share of one to a tenth of a percent."""
    return "not tested" if value is None else f"{100 * value:.1f}%"


def with_interval(figure: Figure | CrossValidation) -> str:
    """`99.3% (99.2-99.5)`"""
    low, high = figure.interval
    return f"{share(figure.accuracy)} ({100 * low:.1f}\u2013{100 * high:.1f})"


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


def tested(evaluation: Evaluation, model: Model) -> dict[str, Figures]:
    """The test figures by data set, the task's own order first."""
    sets = evaluation.test
    order = [name for name in model.task.datasets if name in sets]
    return {name: sets[name] for name in [*order, *(name for name in sets if name not in order)]}
