"""What `zoo train --examples` prints at the end: how good the model is, what it refuses, and what would help."""

from models.errors import printable
from models.evaluation import CrossValidation, Evaluation, Figures
from models.task import Task

MORE = (10, 100)  # examples of each label that are suggested: as many again, within these bounds
NARROW = 0.1  # width of the interval below which more examples are not suggested to a model without mistakes


def closing_lines(evaluation: Evaluation, task: Task, counts: dict[str, int]) -> list[str]:
    """Three lines on a model that was trained on a user's own examples; none if it was not tested.

    counts: how many examples there are of each label.
    """
    figures = evaluation.studies.cross_validation or next(iter(evaluation.test.values()), None)
    if figures is None:
        return []
    return [_accuracy(figures), _refusing(figures, evaluation, task), _advice(figures, counts)]


def nothing_learned(best: dict[str, float], epochs: int, counts: dict[str, int]) -> str | None:
    """A warning if always answering the most frequent label would be as accurate; else None.

    best: the row of the best epoch in the history. counts: examples per label.
    """
    label, share = max(counts, key=counts.get), max(counts.values()) / sum(counts.values())
    if best["accuracy"] > share:
        return None
    advice = "more examples, or clearer ones" if best["epoch"] < epochs else "more epochs (--epochs) or more examples"
    return (
        f"The model has learned almost nothing: its accuracy on the validation set is {best['accuracy']:.0%}, "
        f"and always answering {label} would give {share:.0%}. It needs {advice}."
    )


def _accuracy(figures: Figures | CrossValidation) -> str:
    low, high = figures.interval
    how = "cross-validated" if isinstance(figures, CrossValidation) else "on examples held out"
    return (
        f"Accuracy: {'about ' if 0.005 <= figures.accuracy < 0.995 else ''}{_of_100(figures.accuracy)} of 100 "
        f"(95% interval {_of_100(low)} to {_of_100(high)}; {how}, n = {figures.n:,})."
    )


def _refusing(figures: Figures | CrossValidation, evaluation: Evaluation, task: Task) -> str:
    own = "" if figures.kept is None else f"It answers {_of_100(figures.kept)} of 100 inputs of its own kind"
    kinds = [
        f"{_of_100(min(1.0, each.abstained + each.refused))} of 100 {task.dataset_names.get(name, name)}"
        for name, each in evaluation.ood.items()
    ]
    strangers = f"{'and' if own else 'It'} refuses {', '.join(kinds)}" if kinds else ""
    return f"{', '.join(part for part in (own, strangers) if part)}." if own or strangers else ""


def _advice(figures: Figures | CrossValidation, counts: dict[str, int]) -> str:
    pair = worst_pair(list(figures.per_class), figures.confusion)
    if pair:
        first, second, times = pair
        each = min(max(min(counts.get(first, 0), counts.get(second, 0)), MORE[0]), MORE[1])
        more = -(-each // 10) * 10
        return (
            f"It confuses {printable(first)} with {printable(second)} ({times} of {figures.n:,}); "
            f"{more} more of each would help."
        )
    if figures.interval[1] - figures.interval[0] > NARROW:
        return "It made no mistake; more examples would make the interval narrower."
    return "It made no mistake."


def worst_pair(labels: list[str], confusion: list[list[int]]) -> tuple[str, str, int] | None:
    """The two labels that are most often mistaken for each other, in either direction, and how often; None if none are.

    The label that is more often mistaken for the other comes first.
    """
    mistakes = {
        (labels[i], labels[j]) if confusion[i][j] >= confusion[j][i] else (labels[j], labels[i]): confusion[i][j]
        + confusion[j][i]
        for i in range(len(labels))
        for j in range(i)
        if confusion[i][j] + confusion[j][i]
    }
    if not mistakes:
        return None
    pair = max(mistakes, key=mistakes.get)
    return *pair, mistakes[pair]


def _of_100(share: float) -> str:
    """A share as a number out of 100; never 0 or 100 unless it is exactly that."""
    rounded = round(100 * share)
    if (rounded == 100 and share < 1) or (rounded == 0 and share > 0):
        return "over 99" if rounded else "under 1"
    return str(rounded)
