"""Gradio under /widgets/, called with gradio_client, plain HTTP and MCP, and with the button of its page."""

import asyncio
import gc
import json
import time
import uuid
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from starlette.testclient import TestClient

import models
from app import sentences
from models import catalog
from models.errors import BadInput
from models.task import Example
from models.tasks.holidays import PHOTOS
from tests.app.conftest import ONE, drawing, two_characters
from tests.conftest import missing

STROKES = {"strokes": ONE, "pen": 18}
FILE = {"meta": {"_type": "gradio.FileData"}}


@pytest.fixture(scope="module")
def widgets(server):
    return f"{server.widgets}/widgets"


@pytest.fixture(scope="module")
def client(widgets):
    return Client(f"{widgets}/", verbose=False)


@pytest.fixture(scope="module")
def picture(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("pictures") / "one.png"
    drawing().save(path)
    return str(path)


def call(widgets, name, *data):
    """Call an endpoint with plain HTTP and return the text of its event."""
    answer = httpx.post(f"{widgets}/gradio_api/call/{name}", json={"data": data}, timeout=60)
    answer.raise_for_status()
    return httpx.get(f"{widgets}/gradio_api/call/{name}/{answer.json()['event_id']}", timeout=60).text


def press(widgets, number, *data):
    """Call the function with this number through the queue, as a button does, and return the final message."""
    session = uuid.uuid4().hex
    body = {"data": data, "fn_index": number, "session_hash": session}
    httpx.post(f"{widgets}/gradio_api/queue/join", json=body, timeout=60).raise_for_status()
    stream = httpx.get(f"{widgets}/gradio_api/queue/data?session_hash={session}", timeout=60).text
    lines = [json.loads(line[6:]) for line in stream.splitlines() if line.startswith("data: ")]
    return next(line for line in lines if line["msg"] == "process_completed")


def test_every_task_has_an_endpoint_and_predict_takes_any_model(client):
    named = client.view_api(return_format="dict")["named_endpoints"]
    assert set(named) == {f"/{task}" for task in catalog.tasks()} | {"/predict"}
    for name, endpoint in named.items():
        parameters = [parameter["parameter_name"] for parameter in endpoint["parameters"]]
        task = catalog.tasks().get(name[1:])
        own = ["model", *(each.name for each in task.fields)] if task and task.fields else ["input", "model"]
        assert parameters == (["model", "input"] if name == "/predict" else own)


def test_strokes_and_images_are_answered_as_in_python(client, picture):
    for value, raw in ((STROKES, STROKES), (handle_file(picture), Path(picture))):
        expected = models.load("mnist-cnn").predict(raw).to_dict()
        for answer in (
            client.predict(value, "mnist-cnn", api_name="/digits"),
            client.predict("mnist-cnn", value, api_name="/predict"),
        ):
            assert answer["label"] == expected["label"] == "1"
            assert answer["probabilities"] == pytest.approx(expected["probabilities"], abs=1e-5)


def test_a_sketchpads_layers_and_composite_are_read(client, picture):
    parts = {"background": None, "layers": [handle_file(picture)], "composite": None}
    for value in (parts, {**parts, "composite": handle_file(picture), "layers": []}):
        assert client.predict(value, "mnist-cnn", api_name="/digits")["label"] == "1"


def test_plain_http_is_answered(widgets):
    event = call(widgets, "digits", STROKES, "mnist-mlp")
    assert event.startswith("event: complete") and json.loads(event.partition("data: ")[2])[0]["label"] == "1"


def test_errors_are_the_messages_of_the_library(client, tmp_path):
    blank = tmp_path / "blank.png"
    Image.new("L", (280, 280), 255).save(blank)
    for value, model, words in (
        (handle_file(str(blank)), "mnist-cnn", "blank"),
        (STROKES, "mnist-cn", "did you mean mnist-cnn"),
        ({"strokes": "seven"}, "mnist-cnn", "a list of strokes"),
        (None, "mnist-cnn", "a JSON object"),
        (STROKES, None, "must be a string"),
    ):
        with pytest.raises(AppError) as caught:
            client.predict(value, model, api_name="/digits")
        assert words in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("path", [__file__, "/etc/hostname", "models/tasks/digits.py", "http://127.0.0.1:9/x.png"])
@pytest.mark.parametrize("more", [{}, FILE], ids=["bare", "as a file"])
def test_no_call_can_open_a_file_or_an_address(widgets, path, more):
    for value in (
        {"path": path, **more},
        {"composite": {"path": path, **more}, "layers": [], "background": None},
        path,
    ):
        event = call(widgets, "digits", value, "mnist-cnn")
        assert event.startswith("event: error")
        assert (
            "must be a JSON object" if value == path else "Addresses and files on the server are not opened."
        ) in event
    response = httpx.get(f"{widgets}/gradio_api/file={path}", timeout=60)
    assert response.status_code == 403


def test_the_button_of_the_page_answers_and_reports_errors(widgets, picture):
    """The endpoint of the button is private; the page calls it by number through the queue."""
    _, event = button(widgets, "mnist-cnn")
    with open(picture, "rb") as file:
        uploaded = httpx.post(f"{widgets}/gradio_api/upload", files={"files": file}, timeout=60).json()[0]

    def submit(composite):
        sketch = {"background": None, "layers": [], "composite": composite}
        return press(widgets, event["id"], sketch, "mnist-cnn")

    done = submit({"path": uploaded, **FILE})
    words, label, whole = done["output"]["data"]
    assert done["success"] and words.startswith("This looks like the digit <b>1</b>.")
    assert label["label"] == "1" and whole["label"] == "1"
    empty = submit(None)
    assert empty["success"]
    assert empty["output"]["data"] == ['<p role="alert">There is no input yet; draw a digit here.</p>', {}, None]
    assert (
        "Addresses and files on the server are not opened"
        in submit({"path": "/etc/hostname", **FILE})["output"]["error"]
    )
    data = {"path": uploaded, "url": "data:image/png;base64,AAAA", **FILE}
    assert "Addresses and files on the server are not opened" in submit(data)["output"]["error"]


def test_the_page_shows_notes(widgets):
    _, event = button(widgets, "mnist-cnn")
    files = {"files": ("two.png", two_characters())}
    uploaded = httpx.post(f"{widgets}/gradio_api/upload", files=files, timeout=60).json()[0]
    sketch = {"background": None, "layers": [], "composite": {"path": uploaded, **FILE}}
    words = press(widgets, event["id"], sketch, "mnist-cnn")["output"]["data"][0]
    assert words.endswith("<p>This looks like more than one character; draw one at a time.</p>")


def test_a_click_on_an_example_answers_it(widgets):
    config = httpx.get(f"{widgets}/config", timeout=60).json()
    rows = {part["id"]: part["props"]["samples"] for part in config["components"] if part["type"] == "dataset"}
    clicks = [event for event in config["dependencies"] if event["inputs"] and event["inputs"][0] in rows]
    tasks = sorted(catalog.tasks().values(), key=lambda task: task.input != "ink")  # as the tabs
    for task, click in zip((task for task in tasks if task.examples), clicks, strict=True):
        id = catalog.models(task.slug)[0].id
        done = press(widgets, click["id"], 1, id)
        expected = models.load(id).predict(task.examples[1].raw)
        assert done["success"], (task.slug, done)
        assert done["output"]["data"][-1]["best"] == expected.best
        assert rows[click["inputs"][0]][1], "the button has no label"


def test_mcp_lists_the_tools_and_calls_one(widgets):
    def ask(method, **params):
        answer = httpx.post(
            f"{widgets}/gradio_api/mcp/",
            json={"jsonrpc": "2.0", "id": 1, "method": method, "params": params},
            headers={"Accept": "application/json, text/event-stream"},
            timeout=60,
        )
        return json.loads(answer.text.partition("data: ")[2])["result"]

    tools = {tool["name"]: tool for tool in ask("tools/list")["tools"]}
    assert {"digits", "predict"} <= set(tools)
    assert "strokes" in tools["digits"]["inputSchema"]["properties"]["input"]["description"]
    result = ask("tools/call", name="digits", arguments={"input": STROKES, "model": "mnist-cnn"})
    assert "'label': '1'" in result["content"][0]["text"]


def test_nothing_is_flagged_counted_or_stored(widgets):
    config = httpx.get(f"{widgets}/config", timeout=60).json()
    assert config["analytics_enabled"] is False and config["footer_links"] == []
    assert not config.get("run_history")
    assert httpx.get(f"{widgets}/monitoring", timeout=60).status_code == 403


def test_a_photo_is_answered_by_the_endpoint_and_by_the_button(client, widgets):
    if "holidays" not in catalog.tasks():
        missing("there is no holidays model; `zoo train holidays-efficientnet` makes one")
    photo = PHOTOS / "flower.webp"
    expected = models.load("holidays-efficientnet").predict(photo).to_dict()
    answer = client.predict(handle_file(str(photo)), "holidays-efficientnet", api_name="/holidays")
    assert answer["best"] == expected["best"]
    assert answer["probabilities"] == pytest.approx(expected["probabilities"], abs=1e-5)
    _, event = button(widgets, "holidays-efficientnet")
    with photo.open("rb") as file:
        uploaded = httpx.post(f"{widgets}/gradio_api/upload", files={"files": file}, timeout=60).json()[0]
    done = press(widgets, event["id"], {"path": uploaded, **FILE}, "holidays-efficientnet")
    assert done["success"] and done["output"]["data"][2]["probabilities"] == pytest.approx(
        expected["probabilities"], abs=1e-5
    )


def button(widgets, model):
    """The config of the page, and the event of the button of the tab that offers a model."""
    config = httpx.get(f"{widgets}/config", timeout=60).json()
    choices = {part["id"]: part["props"].get("choices") for part in config["components"] if part["type"] == "dropdown"}
    offering = [id for id, each in choices.items() if model in {value for _, value in each}]
    return config, next(event for event in config["dependencies"] if event["inputs"][-1:] == offering)


def uploaded(widgets, name, data):
    """An uploaded file as a component sends it."""
    path = httpx.post(f"{widgets}/gradio_api/upload", files={"files": (name, data)}, timeout=60).json()[0]
    return {"path": path, "orig_name": name, **FILE}


@pytest.mark.parametrize("data", [b"no picture", b"", b"FUJIFILMCCD-RAW 0201"], ids=["junk", "empty", "raw"])
def test_a_refused_picture_clears_the_old_answer_and_shows_why(widgets, data):
    for kind, model in (("image", "holidays-efficientnet"), ("imageeditor", "mnist-cnn")):
        config, event = button(widgets, model)
        file = uploaded(widgets, "photo.jpg", data)
        value = file if kind == "image" else {"background": None, "layers": [], "composite": file}
        done = press(widgets, event["id"], value, model)
        words, label, whole = done["output"]["data"]
        assert done["success"] and not label and whole is None
        assert words.startswith('<p role="alert">') and any(word in words for word in ("image", "empty", "raw file"))
        # What Gradio refuses before the function runs is a toast, and the answer is cleared in the browser.
        cleared = [
            other for other in config["dependencies"] if other["trigger_after"] == event["id"] and not other["inputs"]
        ]
        assert [other["outputs"] for other in cleared] == [event["outputs"]] and cleared[0]["trigger_only_on_failure"]


@pytest.mark.parametrize("name", ["photo", "photo.jfif", "photo.jpe", "photo.heic", "photo.svg", "photo.txt"])
def test_a_picture_of_any_name_is_answered(widgets, name):
    data = (PHOTOS / "flower.webp").read_bytes()
    expected = models.load("holidays-efficientnet").predict(data).to_dict()
    _, event = button(widgets, "holidays-efficientnet")
    done = press(widgets, event["id"], uploaded(widgets, name, data), "holidays-efficientnet")
    assert done["output"]["data"][2]["best"] == expected["best"]


def test_the_page_says_where_the_browser_gives_it_no_camera(widgets):
    config = httpx.get(f"{widgets}/config", timeout=60).json()
    (load,) = [event for event in config["dependencies"] if "isSecureContext" in (event["js"] or "")]
    assert sentences.NO_CAMERA in load["js"] and not load["backend_fn"]
    drawn = [part for part in config["components"] if part["type"] in ("image", "imageeditor")]
    assert len(load["outputs"]) == len(drawn)


def test_unreadable_examples_of_a_task_are_left_out():
    from app.gradio_app import _examples

    digits, holidays = (catalog.all_tasks()[slug] for slug in ("digits", "holidays"))
    good = digits.examples[0]
    task = replace(digits, examples=(Example("x", [[["a", "b"]]]), good, Example("y", {"strokes": 5})))
    assert [example for example, _ in _examples(task)] == [good]
    assert not list(_examples(replace(holidays, examples=(Example("x", {"image": "garbage"}),))))


def test_calls_leave_nothing_behind():
    """Neither session states nor queues nor statistics: each call would add hundreds of objects."""
    from app import gradio_app

    mounted = gradio_app.build("/widgets")
    app = FastAPI(lifespan=lambda _: mounted.lifespan)
    app.mount("/widgets", mounted.app)
    blocks = mounted.app.app.blocks

    def done() -> None:
        until = time.monotonic() + 60
        while blocks.state_holder.session_data and time.monotonic() < until:  # the last ones are being answered
            time.sleep(0.1)
        assert not blocks.state_holder.session_data

    with TestClient(app) as local:

        def calls(count):
            for _ in range(count):
                path = "/widgets/gradio_api/call/digits"
                event = local.post(path, json={"data": [STROKES, "mnist-cnn"]}).json()["event_id"]
                assert "event: complete" in local.get(f"{path}/{event}").text
            done()
            gc.collect()
            return len(gc.get_objects())

        before = calls(30)
        assert calls(200) < before + 200
        for _ in range(300):  # nobody reads the answers
            local.post("/widgets/gradio_api/call/digits", json={"data": [STROKES, "mnist-cnn"]})
        assert len(blocks._queue.pending_messages_per_session) < 300
        done()
        assert not blocks._queue.event_analytics


def test_calls_are_answered_at_once_and_in_any_number(widgets):
    """The queue does not look for work at intervals, and calls that come together are answered together."""

    async def many(count):
        async with httpx.AsyncClient(timeout=60) as caller:

            async def one(index):
                model = ("mnist-cnn", "mnist-mlp")[index % 2]
                answer = await caller.post(f"{widgets}/gradio_api/call/digits", json={"data": [STROKES, model]})
                event = answer.json()["event_id"]
                return (await caller.get(f"{widgets}/gradio_api/call/digits/{event}")).text

            return await asyncio.gather(*(one(index) for index in range(count)))

    events = asyncio.run(many(60))
    assert all(json.loads(event.partition("data: ")[2])[0]["best"] == "1" for event in events)


def test_only_a_few_files_are_in_memory_at_the_same_time(monkeypatch, tmp_path):
    from app import gradio_endpoints

    file, inside, most = tmp_path / "one.png", 0, 0
    drawing().save(file)
    monkeypatch.setattr(gradio_endpoints, "is_uploaded", lambda path: True)

    class Slow:
        async def predict(self, id, values, small):
            nonlocal inside, most
            assert isinstance(values[0], bytes) and not small
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.01)
            inside -= 1
            return [BadInput("")]

    async def many():
        turns = gradio_endpoints.Turns(batches=Slow())
        task = catalog.all_tasks()["digits"]
        calls = [gradio_endpoints._answer({"path": str(file)}, "mnist-cnn", task, turns) for _ in range(30)]
        return await asyncio.gather(*calls, return_exceptions=True)

    assert {type(answer).__name__ for answer in asyncio.run(many())} == {"Refusal"}
    assert most == gradio_endpoints.CONCURRENCY
