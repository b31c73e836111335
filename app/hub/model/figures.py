"""A model's figures (`config.json` and `evaluation.json`) formatted for people."""

from collections.abc import Sequence

from models.catalog import Model
from models.config import Figure
from models.evaluation import CrossValidation, Evaluation, Figures
from models.task import Task

MAX_MISTAKES = 4  # pairs of labels that are named in the sentence about mistakes


def dataset_name(task: Task, name: str) -> str:
    """A data set in plain words; its slug if the task has none for it."""
    return task.dataset_names.get(name, name)


def with_dataset_names(task: Task, text: str) -> str:
    """A text with the slugs of data sets, as `mnist`, replaced by their names."""
    for name, words in task.dataset_names.items():
        text = text.replace(f"`{name}`", f"\u201c{words}\u201d")
    return text


def share(value: float | None) -> str:
    """A share from 0 to 1 as a percentage with one decimal."""
    return "not tested" if value is None else f"{100 * value:.1f}%"


def with_interval(figure: Figure | CrossValidation) -> str:
    """Accuracy and interval: `99.3% (99.2-99.5)`."""
    low, high = figure.interval
    return f"{share(figure.accuracy)} ({100 * low:.1f}\u2013{100 * high:.1f})"


def size(parameters: int) -> str:
    """A number of parameters, short: `8,490`, `567k`, `1.2M`."""
    if parameters < 10_000:
        return f"{parameters:,}"
    return f"{parameters / 1e3:.0f}k" if parameters < 1e6 else f"{parameters / 1e6:.1f}M"


def duration(seconds: float) -> str:
    """A duration in seconds, minutes or hours."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def worst(
    labels: Sequence[str], confusion: Sequence[Sequence[int]], most: int = MAX_MISTAKES
) -> list[tuple[str, str, int]]:
    """The most frequent mistakes, the worst first: (true label, predicted label, count)."""
    cells = [
        (labels[row], labels[column], count)
        for row, counts in enumerate(confusion)
        for column, count in enumerate(counts)
        if row != column and count
    ]
    return sorted(cells, key=lambda cell: -cell[2])[:most]


def tested(evaluation: Evaluation, model: Model) -> dict[str, Figures]:
    """The test figures by data set, those of the task first and in its order."""
    sets = evaluation.test
    order = [name for name in model.task.datasets if name in sets]
    return {name: sets[name] for name in [*order, *(name for name in sets if name not in order)]}
