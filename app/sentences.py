"""A prediction in words, as the pages, the widgets and the command line show it."""

from collections.abc import Callable

from models.prediction import Prediction
from models.task import Task

NO_CAMERA = "Browsers allow the camera only over https or at localhost. At this address, upload a photo instead."
SURE, QUITE = 0.9, 0.6  # of the best label's probability
TORN = 0.6  # the second label's probability over the best's


def sentence(prediction: Prediction, task: Task) -> str:
    """The answer and how sure the model is, with the label in Markdown bold."""
    words = answer(prediction, task)
    return words if prediction.abstained else f"{words} {certainty(prediction, task)}"


def answer(prediction: Prediction, task: Task) -> str:
    """The answer alone, without how sure it is."""
    if prediction.abstained:
        closest = "Outside it, the answer would be" if task.input == "fields" else "Closest match"
        return f"{task.not_recognised()} {closest}: **{task.display_name(prediction.best)}**."
    return task.answer.format(label=task.display_name(prediction.label))


def certainty(prediction: Prediction, task: Task, shown: Callable[[str], str] = str) -> str:
    """How sure the model is, in words. shown: how a label is shown inside a sentence."""
    (best, first), (other, second) = list(prediction.probabilities.items())[:2]
    if second > TORN * first:
        return f"Torn between {shown(task.display_name(best))} and {shown(task.display_name(other))}."
    return "Very sure." if first >= SURE else "Fairly sure." if first >= QUITE else "Not sure."
