"""Gradio's widgets, at /widgets/: a tab and a named endpoint for each task, and `/predict` for any model.

    from gradio_client import Client, handle_file
    zoo = Client("http://127.0.0.1:8501/widgets/")
    zoo.predict(handle_file("my.png"), "mnist-cnn", api_name="/digits")
    zoo.predict({"strokes": [[[140, 60], [140, 220]]]}, "mnist-cnn", api_name="/digits")
    zoo.predict("mnist-cnn", {"strokes": [[[140, 60], [140, 220]]]}, api_name="/predict")

Tabs and endpoints are those of the catalog when the server started; `/predict` also knows what came later. Gradio takes
seconds to import: only the server's background thread imports this module.
"""

import html
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import gradio as gr
import pillow_heif
from fastapi import FastAPI
from PIL import EpsImagePlugin

import models
from app import sentences, settings
from app.api import inputs
from app.blocks import UPLOAD, Blocks, Refusal, is_uploaded
from app.deferred import MountedApp
from app.hub.markup import bold, plain
from models import catalog
from models.errors import BadInput, ZooError
from models.inputs import ink, picture, text
from models.inputs.picture import decoded
from models.task import Example, Task

log = logging.getLogger("zoo")

OUR_FAULT = "Something went wrong on our side, and the server's log says what. Your input is kept; try again."
AT_ONCE = 4  # answers worked on together
WAITING = 64  # calls that may wait for their turn; one more is told so
EXAMPLES = 10  # a tab
LITTLE = 0.005  # a probability that would be shown as 0%
ACCENT = "#5a5de8"  # the hub's; the theme's own orange has too little contrast on white, and so has its indigo
LIMIT = {"concurrency_limit": AT_ONCE, "concurrency_id": "predict"}
_turns = threading.BoundedSemaphore(AT_ONCE)  # MCP's calls pass by Gradio's queue
ENDPOINT = {**LIMIT, "queue": False}  # MCP calls them in this process; Gradio's clients still go through the queue
SERVED = {
    "footer_links": [],
    "run_history": False,
    "show_error": False,  # what is not meant for people stays in the log; gr.Error is always shown
    "max_file_size": 20 * gr.FileSize.MB,
    "ssr_mode": False,
    "enable_monitoring": False,
    "pwa": False,
    "mcp_server": True,
    "theme": gr.themes.Default(primary_hue="indigo").set(color_accent=ACCENT, button_primary_background_fill=ACCENT),
}


def build(path: str) -> MountedApp:
    """The app to be mounted at `path`, and the lifespan in which its queue runs."""
    blocks = _blocks("Small neural networks you can touch, as widgets. [The pages are here.](/)")
    holder = FastAPI()
    gr.mount_gradio_app(holder, blocks, path=path, **SERVED)
    return MountedApp(holder.routes[-1].app, holder.router.lifespan_context(holder))


def launch() -> None:
    """Serve the widgets alone, as a Space does, until Ctrl-C; host and port are Gradio's own settings."""
    settings.quiet()
    _blocks("A small neural network you can touch.").launch(**SERVED)


def _blocks(head: str) -> Blocks:
    pillow_heif.register_heif_opener()  # Gradio looks at an image's header before we read it
    EpsImagePlugin.gs_binary = False  # and decodes whatever PIL can; no upload is to start Ghostscript
    with Blocks(title="The Zoo: widgets", analytics_enabled=False, delete_cache=(3600, 3600)) as blocks:
        gr.Markdown(f"# The Zoo\n{head}")
        tasks = list(catalog.tasks().values())
        with gr.Tabs():
            for task in tasks:
                with gr.Tab(task.title, id=task.slug):
                    _tab(task, [(model.title, model.id) for model in catalog.models(task.slug)])
        for task in tasks:
            gr.api(_endpoint(task), api_name=task.slug, **ENDPOINT)
        gr.api(predict, api_name="predict", **ENDPOINT)
    blocks.queue(max_size=WAITING, default_concurrency_limit=AT_ONCE)
    if hasattr(blocks._queue, "sleep_when_free"):
        blocks._queue.sleep_when_free = 0.02  # private; its default looks 1,000 times a second for work, 8% of a core
    return blocks


def _tab(task: Task, choices: list[tuple[str, str]]) -> None:
    way = "\nTake the pencil, draw, then press Answer." if task.input == "ink" else ""
    gr.Markdown(f"## {plain(task.question)}{way}")
    with gr.Row():
        with gr.Column():
            given = _component(task)
            model = gr.Dropdown(choices, value=choices[0][1], label="Model")
            button = gr.Button("Answer", variant="primary")
        with gr.Column():
            answer = gr.HTML("The answer comes here.")
            label = gr.Label(num_top_classes=5, label="How likely each is")
            with gr.Accordion("As JSON", open=False):
                whole = gr.JSON(show_label=False)

    def answered(value: Any, id: str) -> tuple[str, dict[str, float], dict[str, Any]]:
        prediction = models.load(id).predict(value)
        return (
            bold(sentences.sentence(prediction, task)),
            {task.display_name(k): v for k, v in prediction.probabilities.items() if v >= LITTLE},
            prediction.to_dict(),
        )

    def shown(value: Any, id: str) -> tuple[str, dict[str, float], dict[str, Any]]:
        with _told():
            return answered(_of_component(value, task), id)

    event = {
        "inputs": [given, model],
        "outputs": [answer, label, whole],
        "api_visibility": "private",
        "show_progress": "hidden",  # it takes milliseconds
        **LIMIT,
    }
    button.click(shown, **event)
    if task.input == "text":
        given.submit(shown, **event)
    if examples := list(_examples(task)):
        row = gr.Dataset(  # of their names: Gradio's buttons with pictures have none for who cannot see them
            components=[gr.Textbox(visible=False)],
            samples=[[example.title] for example, _ in examples],
            type="index",
            label="Examples: a click answers one",
        )

        def clicked(index: int, id: str) -> tuple[Any, ...]:
            with _told():
                if index not in range(len(examples)):
                    raise BadInput(f"There are {len(examples)} examples; choose one of them.")
                example, sample = examples[index]
                kept = gr.skip() if task.input == "ink" else sample  # a Sketchpad takes no strokes
                return kept, *answered(example.raw, id)

        row.click(clicked, **event | {"inputs": [row, model], "outputs": [given, answer, label, whole]})


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong within it is one sentence on the page."""
    try:
        yield
    except ZooError as error:
        raise Refusal(html.escape(str(error), quote=False)) from error
    except Exception as error:
        log.exception("A widget failed")
        raise Refusal(OUR_FAULT) from error


def _examples(task: Task) -> Iterator[tuple[Example, Any]]:
    """The first examples that can be read (a task may come from elsewhere), each with what was read of it: the text itself,
    a picture, uint8 (height, width, 3), or a drawing."""
    readers = {"picture": lambda raw: picture.read(raw).rgb, "ink": ink.read, "text": lambda raw: text.read(raw).typed}
    for example in task.examples[:EXAMPLES]:
        with suppress(ZooError):
            yield example, readers[task.input](example.raw)


def _component(task: Task) -> Any:
    if task.input == "text":
        return gr.Textbox(label=task.prompt.capitalize(), max_length=10_000)
    if task.input == "picture":
        sources = ["upload", "webcam", "clipboard"]
        return gr.Image(
            type="filepath", image_mode=None, label=task.prompt.capitalize(), sources=sources
        )  # the file as it is
    return gr.Sketchpad(
        type="pil",
        label="Drawing",  # on a phone there is no room for more beside the tools
        sources=["upload", "webcam", "clipboard"],
        canvas_size=(280, 280),
        brush=gr.Brush(default_size=18, colors=["#000000"], color_mode="fixed"),
        layers=False,
    )


def _of_component(value: Any, task: Task) -> Any:
    if isinstance(value, dict):  # Sketchpad: the picture with all layers on it
        value = value["composite"] or value["background"]
    if value is None:
        raise BadInput(f"There is nothing to answer about yet; {task.prompt}.")
    return value


def _endpoint(task: Task) -> Callable[..., dict[str, Any]]:
    """The function behind a task's endpoint; Gradio and MCP tell people its signature and docstring."""
    forms = {
        "ink": "the drawing: {'strokes': [[[x, y], ...], ...], 'pen': 18} in pixels of a 280 px square pad, "
        "{'image': '<base64>'}, or an uploaded image file",
        "picture": "the picture: {'image': '<base64>'}, or an uploaded image file",
        "text": "the text",
    }

    def endpoint(input: Any, model: str) -> dict[str, Any]:
        return _answer(input, model, task)

    endpoint.__name__ = task.slug.replace("-", "_")
    endpoint.__annotations__["input"] = str if task.input == "text" else dict[str, Any]
    endpoint.__doc__ = f"""{task.question} Answered with calibrated probabilities; 'label' is null for "none of these".

    Args:
        input: {forms[task.input]}
        model: the model's id, such as {catalog.models(task.slug)[0].id!r}
    """
    return endpoint


def predict(model: str, input: dict[str, Any]) -> dict[str, Any]:
    """What any model of the zoo answers.

    Args:
        model: the model's id, such as 'mnist-cnn'
        input: {'strokes': [[[x, y], ...], ...], 'pen': 18}, {'image': '<base64>'} or {'text': '...'}, as its task asks
    """
    return _answer(input, model, None)


def _answer(value: Any, id: Any, task: Task | None) -> dict[str, Any]:
    try:
        if not isinstance(id, str):
            raise BadInput("The model's id must be a string, such as 'mnist-cnn'.")
        found = catalog.find(id)
        if task and found.task.slug != task.slug:
            raise BadInput(
                f"{id} answers {found.task.title!r}, not {task.title!r}. Call /{found.task.slug}, or /predict for any."
            )
        with _turns:
            return models.load(id).predict(_of_call(value, found.task)).to_dict()
    except ZooError as error:
        raise Refusal(str(error)) from error
    except Exception as error:
        log.exception("An endpoint failed")
        raise Refusal(OUR_FAULT) from error


def _of_call(value: Any, task: Task) -> Any:
    """The raw input of a call: what REST takes, a file that was uploaded before, or the three parts of a Sketchpad."""
    if task.input == "text" and isinstance(value, str):
        return value
    if isinstance(value, dict) and "composite" in value:
        value = value["composite"] or (value.get("layers") or [None])[0] or value.get("background")
    if isinstance(value, dict) and "path" in value:
        if not isinstance(value["path"], str) or not is_uploaded(value["path"]):
            raise BadInput(UPLOAD)
        return Path(value["path"]).read_bytes()
    if isinstance(value, str) and value.startswith("data:"):
        return decoded(value)
    return inputs.raw(value, task)
