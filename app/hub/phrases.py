"""What predictions say, in words a visitor knows; `app/sentences.py` words the certainty, for every surface alike."""

from collections.abc import Callable, Sequence
from itertools import groupby

from app import sentences
from models.config import Figure
from models.prediction import Prediction
from models.task import Task

ENGINES = {"onnx": "ONNX Runtime", "torch": "PyTorch"}
NONE = "none of these"
THOUSAND = 1000
NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


def sureness(prediction: Prediction, task: Task) -> str:
    """How sure it is, in a few words; none when it abstains."""
    return "" if prediction.abstained else sentences.certainty(prediction, task).removesuffix(".")


def percent(share: float) -> str:
    """A share of one for people: never a rounded-up certainty."""
    if share >= 0.995:
        return "> 99%" if share < 1 else "100%"
    return "< 1%" if 0 < share < 0.005 else f"{100 * share:.0f}%"


def right(accuracy: float, n: int) -> str:
    """An accuracy as a count of a thousand, or of the `n` inputs of the test where they were fewer."""
    of = min(THOUSAND, n)
    return f"right {accuracy * of:.0f} of {of:,}"


def likely(figure: Figure) -> str:
    """Between what an accuracy lies (its 95% interval), of as many as `right` counts."""
    of = min(THOUSAND, figure.n)
    low, high = (f"{of * end:.0f}" for end in figure.interval)
    return f"very likely {low} to {high} of any {of:,}"


def around(figure: Figure, task: Task) -> str:
    """What an accuracy is to be seen beside: between what it lies, and how often a blind guess would be right."""
    return f"{likely(figure)}; a blind guess: {min(THOUSAND, figure.n) / len(task.labels):.0f}"


def number(count: int) -> str:
    """A small number as a word."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def agreement(
    predictions: Sequence[Prediction], called: Callable[[str], str] = str
) -> tuple[str, list[tuple[str, list[Prediction]]]]:
    """Whether the models agree, as one sentence, and who says what, the largest party first."""
    said = sorted(predictions, key=_says)
    found = ((name if name == NONE else called(name), list(who)) for name, who in groupby(said, key=_says))
    parties = sorted(found, key=lambda party: -len(party[1]))
    if len(predictions) < 2:
        return "", parties
    if len(parties) == 1:
        who = "Both" if len(predictions) == 2 else "All"
        return f"{who} agree: {parties[0][0]}", parties
    parts = [f"{number(len(who))} {'says' if len(who) == 1 else 'say'} {name}" for name, who in parties]
    said = ", ".join(parts)
    return said[:1].upper() + said[1:], parties


def milliseconds(value: float) -> str:
    """A duration in at most three digits that mean something."""
    return f"{value:.2g} ms" if value < 10 else f"{value:.0f} ms"


def _says(prediction: Prediction) -> str:
    return NONE if prediction.label is None else prediction.label
