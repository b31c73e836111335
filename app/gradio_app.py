"""The Gradio app, at /widgets/: a tab and a named endpoint for each task, and `/predict` for any model.

    from gradio_client import Client, handle_file
    zoo = Client("http://127.0.0.1:8501/widgets/")
    zoo.predict(handle_file("my.png"), "mnist-cnn", api_name="/digits")
    zoo.predict({"strokes": [[[140, 60], [140, 220]]]}, "mnist-cnn", api_name="/digits")
    zoo.predict("mnist-cnn", {"strokes": [[[140, 60], [140, 220]]]}, api_name="/predict")

Tabs and endpoints are made from the catalog when the server starts; `/predict` also answers for models added later.
Gradio takes seconds to import: only the server's background thread imports this module.
"""

import html
import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import gradio as gr
import pillow_heif
from fastapi import FastAPI
from PIL import EpsImagePlugin

import models
from app import gradio_components, sentences, settings
from app.blocks import Blocks
from app.deferred import MountedApp
from app.gradio_endpoints import CONCURRENCY, ENDPOINT, SERVER_ERROR, Turns, endpoint
from app.gradio_errors import ClientErrors
from app.hub.markup import bold, plain
from models import catalog
from models.errors import BadInput, ZooError
from models.field import Field
from models.inputs import fields, ink, picture, text
from models.inputs.fields import Value
from models.task import Example, Task

log = logging.getLogger("zoo")

MAX_QUEUE = 64  # calls that may wait; further ones are refused
MAX_SESSIONS = 64  # whose state Gradio keeps, of pages and of Gradio's clients; nothing here needs it
MAX_EXAMPLES = 10  # in a tab
MIN_SHOWN = 0.005  # a smaller probability would be shown as 0%
ACCENT = "#5a5de8"  # the hub's; the theme's own orange and indigo have too little contrast on white
LIMIT = {"concurrency_limit": CONCURRENCY, "concurrency_id": "predict"}
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
            gr.api(endpoint(task, turns), api_name=task.slug, **ENDPOINT)
        gr.api(endpoint(None, turns), api_name="predict", **ENDPOINT)
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
