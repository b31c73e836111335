"""Predictions and figures in words. `app/sentences.py` has the sentences that all surfaces share."""

from collections.abc import Callable, Sequence
from itertools import groupby

from app import sentences
from app.hub.markup import shown
from models.catalog import Model
from models.config import Figure
from models.evaluation import CrossValidation
from models.prediction import Prediction
from models.task import Task

ENGINES = {"onnx": "ONNX Runtime", "torch": "PyTorch"}
NONE = "none of these"
INTRODUCTION = (
    "Small neural networks to try out. Draw, type or upload something, and see what each model answers and why."
)
NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


def sureness(prediction: Prediction, task: Task) -> str:
    """How sure the model is, in a few words; empty if it abstained."""
    return "" if prediction.abstained else sentences.certainty(prediction, task, shown).removesuffix(".")


def percent(share: float) -> str:
    """A probability as a percentage, never rounded up to certainty."""
    if share >= 0.995:
        return "> 99%" if share < 1 else "100%"
    return "< 1%" if 0 < share < 0.005 else f"{100 * share:.0f}%"


def correct(figure: Figure | CrossValidation) -> str:
    """The accuracy: `99.5% correct`."""
    return f"{100 * figure.accuracy:.1f}% correct"


def interval(figure: Figure | CrossValidation) -> str:
    """The interval: `95% interval 99.3–99.6%`."""
    low, high = figure.interval
    return f"95% interval {100 * low:.1f}–{100 * high:.1f}%"


def record(models: Sequence[Model]) -> str:
    """How many models a task has, and the accuracy of the best, which comes first."""
    if not models:
        return "No models yet"
    best = models[0].figure
    accuracy = f" · best {correct(best)} ({interval(best)})" if best else ""
    return f"{'1 model' if len(models) == 1 else f'{len(models)} models'}{accuracy}"


def guessing(task: Task) -> str:
    """`guessing at random: 10%`: the accuracy of choosing a label at random."""
    return f"guessing at random: {percent(1 / len(task.labels))}"


def capitalized(text: str) -> str:
    """A text with its first letter as a capital and the rest as it is."""
    return text[:1].upper() + text[1:]


def number_word(count: int) -> str:
    """A number as a word, up to ten."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def agreement(
    predictions: Sequence[Prediction], display_name: Callable[[str], str] = str
) -> tuple[str, list[tuple[str, list[Prediction]]]]:
    """Whether the models agree, as one sentence, and the predictions grouped by answer, the largest group first."""
    by_label = groupby(sorted(predictions, key=_label), key=_label)
    named = ((label if label == NONE else shown(display_name(label)), list(group)) for label, group in by_label)
    groups = sorted(named, key=lambda pair: -len(pair[1]))
    if len(predictions) < 2:
        return "", groups
    if len(groups) == 1:
        subject = "Both" if len(predictions) == 2 else "All"
        return f"{subject} agree: {groups[0][0]}", groups
    parts = [f"{number_word(len(group))} {'says' if len(group) == 1 else 'say'} {name}" for name, group in groups]
    return capitalized(", ".join(parts)), groups


def milliseconds(value: float) -> str:
    """A duration in milliseconds, rounded to its significant digits."""
    return f"{value:.2g} ms" if value < 10 else f"{value:.0f} ms"


def _label(prediction: Prediction) -> str:
    return NONE if prediction.label is None else prediction.label
