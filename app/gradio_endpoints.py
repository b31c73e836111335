"""The named endpoints of the Gradio app, for Gradio's clients and MCP: one for each task, and one for any model."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.api import inputs
from app.api.batches import Batches
from app.blocks import UPLOAD, Refusal, is_uploaded
from app.parameters import described, parameters, signature
from models import catalog
from models.errors import BadInput, ZooError
from models.inputs.picture import decode_base64
from models.inputs.strokes import PAD
from models.task import Task

log = logging.getLogger("zoo")

SERVER_ERROR = "Something went wrong on the server; its log has the details. Your input is still here; try again."
CONCURRENCY = 4  # predictions for the page, and large inputs of endpoints, at the same time
MAX_POINTS = 1_000  # of strokes that are read on the event loop
# Small inputs that wait are answered as batches, so any number of calls may run; large ones take turns (`Turns`). MCP
# calls the endpoints in this process; Gradio's clients still go through the queue.
ENDPOINT = {"concurrency_limit": None, "concurrency_id": "endpoints", "queue": False}


@dataclass(frozen=True)
class Turns:
    """How calls of the endpoints are answered: small inputs in batches, a few large ones at the same time."""

    batches: Batches = field(default_factory=Batches)
    large: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONCURRENCY))


def endpoint(task: Task | None, turns: Turns) -> Callable[..., Awaitable[dict[str, Any]]]:
    """The function behind the endpoint of a task, or of all; Gradio and MCP show its signature and docstring."""
    forms = {
        "ink": f"the drawing: {inputs.Strokes.shape} in pixels of a {PAD} px square pad, {inputs.Image.shape}, "
        "or an uploaded image file",
        "picture": f"the picture: {inputs.Image.shape}, or an uploaded image file",
        "text": "the text",
    }

    async def predict(model: str, input: dict[str, Any]) -> dict[str, Any]:
        return await _answer(input, model, task, turns)

    async def of_task(input: Any, model: str) -> dict[str, Any]:
        return await _answer(input, model, task, turns)

    if task is None:
        predict.__doc__ = f"""Predict the label of an input with any model of the Zoo.

    Args:
        model: the model's id, such as 'mnist-cnn'
        input: {", ".join(body.shape for body in inputs.FIELDS.values())}, depending on the model's task
    """
        return predict
    if task.input == "fields":
        return _endpoint_of_fields(task, turns)
    of_task.__name__ = task.slug.replace("-", "_")
    of_task.__annotations__["input"] = str if task.input == "text" else dict[str, Any]
    of_task.__doc__ = f"""{task.question} Returns calibrated probabilities; 'label' is null for "none of these".

    Args:
        input: {forms[task.input]}
        model: the model's id, such as {catalog.models(task.slug)[0].id!r}
    """
    return of_task


def _endpoint_of_fields(task: Task, turns: Turns) -> Callable[..., Awaitable[dict[str, Any]]]:
    """As `endpoint`, with a parameter for each field."""
    named = parameters(task.fields)

    async def endpoint(*arguments: Any, **keywords: Any) -> dict[str, Any]:
        values = endpoint.__signature__.bind(*arguments, **keywords).arguments
        raw = {named[name].name: value for name, value in values.items() if name in named and value is not None}
        return await _answer({"fields": raw}, values["model"], task, turns)

    endpoint.__name__ = task.slug.replace("-", "_")
    endpoint.__signature__ = signature(task.fields)
    endpoint.__annotations__ = {name: each.annotation for name, each in endpoint.__signature__.parameters.items()}
    endpoint.__annotations__["return"] = dict[str, Any]
    listed = "\n".join(f"        {name}: {described(each)}" for name, each in named.items())
    endpoint.__doc__ = f"""{task.question} Returns calibrated probabilities; 'label' is null for "none of these".

    Args:
        model: the model's id, such as {catalog.models(task.slug)[0].id!r}
{listed}
    """
    return endpoint


async def _answer(value: Any, id: Any, task: Task | None, turns: Turns) -> dict[str, Any]:
    try:
        if not isinstance(id, str):
            raise BadInput("The model's id must be a string, such as 'mnist-cnn'.")
        own = catalog.find(id).task
        if task and own.slug != task.slug:
            raise BadInput(f"{id} is a model of {own.title!r}, not {task.title!r}. Call /{own.slug} or /predict.")
        value = _input_of(value, own)
        if _is_small(value):
            (answer,) = await turns.batches.predict(id, [value], small=True)
        else:
            async with turns.large:
                (answer,) = await turns.batches.predict(id, [await _read(value)], small=False)
        if isinstance(answer, BadInput):
            raise answer
        return answer.to_dict()
    except ZooError as error:
        raise Refusal(str(error)) from error
    except Exception as error:
        log.exception("An endpoint failed")
        raise Refusal(SERVER_ERROR) from error


def _is_small(value: Any) -> bool:
    """Whether a model may read the input on the event loop. Unlike a REST request, its JSON may be megabytes."""
    strokes = value.get("strokes") if isinstance(value, dict) else None
    if isinstance(strokes, list) and (
        len(strokes) > MAX_POINTS or sum(len(each) for each in strokes if isinstance(each, list)) > MAX_POINTS
    ):
        return False
    return inputs.is_small(value)


def _input_of(value: Any, task: Task) -> Any:
    """What a call sends as a JSON value of REST, a data URL or an uploaded file, not yet read.

    It may send a request of REST, a text, a file that was uploaded before, or the three parts of a Sketchpad.
    """
    if task.input == "text" and isinstance(value, str):
        return {"text": value}
    if isinstance(value, dict) and "composite" in value:
        layers = value.get("layers")
        layer = layers[0] if isinstance(layers, list) and layers else None
        value = value["composite"] or layer or value.get("background")
    if isinstance(value, dict) and "path" in value:
        if not isinstance(value["path"], str) or not is_uploaded(value["path"]):
            raise BadInput(UPLOAD)
        return Path(value["path"])
    return value


async def _read(value: Any) -> Any:
    """An input with its file as bytes."""
    if isinstance(value, Path):
        return await asyncio.to_thread(value.read_bytes)
    if isinstance(value, str) and value.startswith("data:"):
        return await asyncio.to_thread(decode_base64, value)
    return value
