"""An answer in words, and a model in a few fields: what the command line, REST and the widgets all say."""

from typing import Any

from models.catalog import Model
from models.prediction import Prediction
from models.task import Task

SURE, QUITE = 0.9, 0.6  # of the best label's probability
TORN = 0.6  # the second label's probability over the best's


def sentence(prediction: Prediction, task: Task) -> str:
    """The answer in words, with the label in Markdown bold."""
    said = answer(prediction, task)
    return said if prediction.abstained else f"{said} {certainty(prediction, task)}"


def answer(prediction: Prediction, task: Task) -> str:
    """The answer alone, without how sure it is."""
    if prediction.abstained:
        return f"I don't recognise this as {task.noun}. Closest match: **{task.display_name(prediction.best)}**."
    return task.answer.format(label=task.display_name(prediction.label))


def certainty(prediction: Prediction, task: Task) -> str:
    """How sure the model is, in words."""
    (best, first), (other, second) = list(prediction.probabilities.items())[:2]
    if second > TORN * first:
        return f"Torn between {task.display_name(best)} and {task.display_name(other)}."
    return "Quite sure." if first >= SURE else "Fairly sure." if first >= QUITE else "Not sure."


def summary(model: Model) -> dict[str, Any]:
    """What a list says of a model, in plain JSON types: GET /api/models and `zoo list --json`."""
    config = model.config
    return {
        "id": model.id,
        "slug": model.slug,
        "title": model.title,
        "task": model.task.slug,
        "input": model.task.input,
        "origin": model.origin,
        "description": config.description,
        "parameters": config.parameters,
        "license": config.license,
        "figures": {name: figure.model_dump(mode="json") for name, figure in config.figures.items()},
    }


def details(model: Model) -> dict[str, Any]:
    """All that is known of a model without loading it: GET /api/models/{id} and `zoo show --json`."""
    config = model.config.model_dump(
        mode="json", exclude={"task", "tensors", "figures", "description", "title", "slug", "license", "parameters"}
    )
    task = model.task.to_dict()
    return {**summary(model), "task_details": {**task, "labels": list(task["labels"])}, **config}
