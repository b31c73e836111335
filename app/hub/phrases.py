"""What predictions say, in words a visitor knows; `app/sentences.py` words the certainty, for every surface alike."""

from collections.abc import Callable, Sequence
from itertools import groupby

from app import sentences
from models.config import Figure
from models.evaluation import CrossValidation
from models.prediction import Prediction
from models.task import Task

ENGINES = {"onnx": "ONNX Runtime", "torch": "PyTorch"}
NONE = "none of these"
NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


def sureness(prediction: Prediction, task: Task) -> str:
    """How sure it is, in a few words; none when it abstains."""
    return "" if prediction.abstained else sentences.certainty(prediction, task).removesuffix(".")


def percent(share: float) -> str:
    """A share of one for people: never a rounded-up certainty."""
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


def guessing(task: Task) -> str:
    """`guessing: 10%`: the accuracy of choosing a label at random."""
    return f"guessing: {percent(1 / len(task.labels))}"


def capitalized(text: str) -> str:
    """A text with its first letter as a capital and the rest as it is."""
    return text[:1].upper() + text[1:]


def number_word(count: int) -> str:
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
    parts = [f"{number_word(len(who))} {'says' if len(who) == 1 else 'say'} {name}" for name, who in parties]
    said = ", ".join(parts)
    return said[:1].upper() + said[1:], parties


def milliseconds(value: float) -> str:
    """A duration in at most three digits that mean something."""
    return f"{value:.2g} ms" if value < 10 else f"{value:.0f} ms"


def _says(prediction: Prediction) -> str:
    return NONE if prediction.label is None else prediction.label
