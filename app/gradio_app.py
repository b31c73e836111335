"""The Gradio app, at /widgets/: a tab and a named endpoint for each task, and `/predict` for any model.

    from gradio_client import Client, handle_file
    zoo = Client("http://127.0.0.1:8501/widgets/")
    zoo.predict(handle_file("my.png"), "mnist-cnn", api_name="/digits")
    zoo.predict({"strokes": [[[140, 60], [140, 220]]]}, "mnist-cnn", api_name="/digits")
    zoo.predict("mnist-cnn", {"strokes": [[[140, 60], [140, 220]]]}, api_name="/predict")

Tabs and endpoints are made from the catalog when the server starts; `/predict` also answers for models added later.
Gradio takes seconds to import: only the server's background thread imports this module.
"""

import asyncio
import html
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gradio as gr
import pillow_heif
from fastapi import FastAPI
from PIL import EpsImagePlugin

import models
from app import gradio_components, sentences, settings
from app.api import inputs
from app.api.batches import Batches
from app.blocks import UPLOAD, Blocks, Refusal, is_uploaded
from app.deferred import MountedApp
from app.gradio_errors import ClientErrors
from app.hub.markup import bold, plain
from app.parameters import described, parameters, signature
from models import catalog
from models.errors import BadInput, ZooError
from models.field import Field
from models.inputs import fields, ink, picture, text
from models.inputs.fields import Value
from models.inputs.picture import decode_base64
from models.inputs.strokes import PAD
from models.task import Example, Task

log = logging.getLogger("zoo")

SERVER_ERROR = "Something went wrong on the server; its log has the details. Your input is still here; try again."
CONCURRENCY = 4  # predictions for the page, and large inputs of endpoints, at the same time
MAX_QUEUE = 64  # calls that may wait; further ones are refused
MAX_SESSIONS = 64  # whose state Gradio keeps, of pages and of Gradio's clients; nothing here needs it
MAX_EXAMPLES = 10  # in a tab
MAX_POINTS = 1_000  # of strokes that are read on the event loop
MIN_SHOWN = 0.005  # a smaller probability would be shown as 0%
ACCENT = "#5a5de8"  # the hub's; the theme's own orange and indigo have too little contrast on white
LIMIT = {"concurrency_limit": CONCURRENCY, "concurrency_id": "predict"}
# Small inputs that wait are answered as batches, so any number of calls may run; large ones take turns (`Turns`). MCP
# calls the endpoints in this process; Gradio's clients still go through the queue.
ENDPOINT = {"concurrency_limit": None, "concurrency_id": "endpoints", "queue": False}
OPTIONS = {
    "footer_links": [],
    "run_history": False,
    "show_error": False,  # unexpected errors stay in the log; gr.Error is always shown
    "max_file_size": 20 * gr.FileSize.MB,
    "ssr_mode": False,
    "enable_monitoring": False,
    "pwa": False,
    "mcp_server": True,
    "theme": gr.themes.Default(primary_hue="indigo").set(color_accent=ACCENT, button_primary_background_fill=ACCENT),
}


@dataclass(frozen=True)
class Turns:
    """How calls of the endpoints are answered: small inputs in batches, a few large ones at the same time."""

    batches: Batches = field(default_factory=Batches)
    large: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONCURRENCY))


def build(path: str) -> MountedApp:
    """The app to mount at `path`, and the lifespan in which its queue runs."""
    blocks = _blocks(f"Small neural networks to try out. [Back to the pages.]({settings.root_path()}/)")
    holder = FastAPI()
    gr.mount_gradio_app(holder, blocks, path=path, **OPTIONS)
    return MountedApp(ClientErrors(holder.routes[-1].app), holder.router.lifespan_context(holder))


def launch() -> None:
    """Serve the app alone, as a Space does, until Ctrl-C. Host and port are Gradio's own settings."""
    settings.quiet()
    _blocks("A small neural network to try out.").launch(**OPTIONS)


def _blocks(introduction: str) -> Blocks:
    pillow_heif.register_heif_opener()  # Gradio reads an image's header before we do
    EpsImagePlugin.gs_binary = False  # and decodes whatever PIL can: no upload may start Ghostscript
    with Blocks(title="The Zoo: widgets", analytics_enabled=False, delete_cache=(3600, 3600)) as blocks:
        gr.Markdown(f"# The Zoo\n{introduction}")
        tasks = sorted(catalog.tasks().values(), key=lambda task: task.input != "ink")  # to draw is the easiest way in
        notes = []
        with gr.Tabs():
            for task in tasks:
                with gr.Tab(task.title, id=task.slug):
                    notes += _tab(task, [(model.title, model.id) for model in catalog.models(task.slug)])
        if notes:
            _show_camera_note(blocks, notes)
        turns = Turns()
        for task in tasks:
            gr.api(_endpoint(task, turns), api_name=task.slug, **ENDPOINT)
        gr.api(_endpoint(None, turns), api_name="predict", **ENDPOINT)
    blocks.state_session_capacity = MAX_SESSIONS
    blocks.queue(max_size=MAX_QUEUE, default_concurrency_limit=CONCURRENCY)
    return blocks


def _show_camera_note(blocks: Blocks, notes: list[gr.HTML]) -> None:
    """Say where a page gets no camera. Only the browser knows: a proxy on the way may add TLS."""
    shown = json.dumps([f"<p>{sentences.NO_CAMERA}</p>"] * len(notes))
    blocks.load(None, None, notes, js=f"() => window.isSecureContext ? {json.dumps([''] * len(notes))} : {shown}")


def _tab(task: Task, choices: list[tuple[str, str]]) -> list[gr.HTML]:
    """Draw a task's tab. Returns the places for a note on the camera."""
    hint = "\nDraw with the pencil, then press Predict." if task.input == "ink" else ""
    gr.Markdown(f"## {plain(task.question)}{hint}")
    with gr.Row():
        with gr.Column():
            components = _components(task)
            notes = [gr.HTML()] if task.input in ("ink", "picture") else []
            model = gr.Dropdown(choices, value=choices[0][1], label="Model")
            button = gr.Button("Predict", variant="primary")
        with gr.Column():
            sentence = gr.HTML("The prediction appears here.")
            label = gr.Label(num_top_classes=5, label="Probabilities")
            with gr.Accordion("JSON", open=False):
                as_json = gr.JSON(show_label=False)

    def predicted(value: Any, id: str) -> tuple[str, dict[str, float], dict[str, Any]]:
        prediction = models.load(id).predict(value)
        return (
            bold(sentences.sentence(prediction, task))
            + "".join(f"<p>{html.escape(note, quote=False)}</p>" for note in prediction.notes),
            {task.display_name(k): v for k, v in prediction.probabilities.items() if v >= MIN_SHOWN},
            prediction.to_dict(),
        )

    def pressed(*values: Any) -> tuple[str, dict[str, float] | None, dict[str, Any] | None]:
        try:
            return predicted(_from_components(values[:-1], task), values[-1])
        except Exception as error:
            return _refused(error)

    event = {
        "inputs": [*components, model],
        "outputs": [sentence, label, as_json],
        "api_visibility": "private",
        "show_progress": "hidden",  # it takes milliseconds
        **LIMIT,
    }
    # What Gradio itself refuses is shown as a toast.
    cleared = {"fn": None, "outputs": event["outputs"], "js": "() => ['', null, null]", "api_visibility": "private"}
    button.click(pressed, **event).failure(**cleared)
    if task.input == "text":
        components[0].submit(pressed, **event).failure(**cleared)
    if examples := list(_examples(task)):
        row = gr.Dataset(  # of their titles: Gradio's buttons with pictures have no name for screen readers
            components=[gr.Textbox(visible=False)],
            samples=[[example.title] for example, _ in examples],
            type="index",
            label="Examples",
        )

        def clicked(index: int, id: str) -> tuple[Any, ...]:
            content: Any = [gr.skip()] * len(components)
            try:
                if index not in range(len(examples)):
                    raise BadInput(f"There are {len(examples)} examples; choose one.")
                example, sample = examples[index]
                if task.input != "ink":  # a Sketchpad takes no strokes
                    content = sample if task.input == "fields" else [sample]
                return *content, *predicted(example.raw, id)
            except Exception as error:
                return *content, *_refused(error)

        row.click(clicked, **event | {"inputs": [row, model], "outputs": [*components, sentence, label, as_json]})
    return notes


def _refused(error: Exception) -> tuple[str, None, None]:
    """One sentence in place of an answer, and nothing in place of its probabilities."""
    if not isinstance(error, ZooError):
        log.error("A widget failed", exc_info=error)
    sentence = str(error) if isinstance(error, ZooError) else SERVER_ERROR
    return f'<p role="alert">{html.escape(sentence, quote=False)}</p>', None, None


def _examples(task: Task) -> Iterator[tuple[Example, Any]]:
    """The first examples that can be read (a task may come from the Hub), each with the input that was read.

    That is the text itself, a picture, uint8 (height, width, 3), a drawing, or the value of each field.
    """
    readers = {
        "picture": lambda raw: picture.read(raw).rgb,
        "ink": ink.read,
        "text": lambda raw: text.read(raw).typed,
        "fields": lambda raw: list(fields.read(raw, task.fields).values.values()),
    }
    for example in task.examples[:MAX_EXAMPLES]:
        with suppress(ZooError):
            yield example, readers[task.input](example.raw)


def _components(task: Task) -> list[Any]:
    """The components for an input: one, or one for each field, which begins as in the first example."""
    if task.input != "fields":
        return [_component(task)]
    start = task.examples[0].raw if task.examples else {}
    return [_field(each, start.get(each.name)) for each in task.fields]


def _field(each: Field, start: Value) -> Any:
    if each.choices:
        choices = [(each.display(choice), choice) for choice in each.choices]
        return gr.Dropdown([("not known", None), *choices], value=start, label=each.label)
    return gr.Number(value=start, label=each.label, placeholder="not known")


def _component(task: Task) -> Any:
    if task.input == "text":
        return gr.Textbox(label=task.prompt.capitalize(), max_length=10_000)
    if task.input == "picture":
        sources = ["upload", "webcam", "clipboard"]
        return gradio_components.image(
            type="filepath", image_mode=None, label=task.prompt.capitalize(), sources=sources
        )  # the file as it is
    return gradio_components.sketchpad(
        type="pil",
        label="Drawing",  # on a phone there is no room for more beside the tools
        sources=["upload", "webcam", "clipboard"],
        canvas_size=(280, 280),
        brush=gr.Brush(default_size=18, colors=["#000000"], color_mode="fixed"),
        layers=False,
    )


def _from_components(values: tuple[Any, ...], task: Task) -> Any:
    if task.input == "fields":
        return {each.name: value for each, value in zip(task.fields, values, strict=True)}
    (value,) = values
    if isinstance(value, dict):  # Sketchpad: the picture with all layers on it
        value = value["composite"] or value["background"]
    if value is None:
        raise BadInput(f"There is no input yet; {task.prompt}.")
    return value


def _endpoint(task: Task | None, turns: Turns) -> Callable[..., Awaitable[dict[str, Any]]]:
    """The function behind the endpoint of a task, or of all; Gradio and MCP show its signature and docstring."""
    forms = {
        "ink": f"the drawing: {inputs.Strokes.shape} in pixels of a {PAD} px square pad, {inputs.Image.shape}, "
        "or an uploaded image file",
        "picture": f"the picture: {inputs.Image.shape}, or an uploaded image file",
        "text": "the text",
    }

    async def predict(model: str, input: dict[str, Any]) -> dict[str, Any]:
        return await _answer(input, model, task, turns)

    async def endpoint(input: Any, model: str) -> dict[str, Any]:
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
    endpoint.__name__ = task.slug.replace("-", "_")
    endpoint.__annotations__["input"] = str if task.input == "text" else dict[str, Any]
    endpoint.__doc__ = f"""{task.question} Returns calibrated probabilities; 'label' is null for "none of these".

    Args:
        input: {forms[task.input]}
        model: the model's id, such as {catalog.models(task.slug)[0].id!r}
    """
    return endpoint


def _endpoint_of_fields(task: Task, turns: Turns) -> Callable[..., Awaitable[dict[str, Any]]]:
    """As `_endpoint`, with a parameter for each field."""
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
