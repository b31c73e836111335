"""The page of the widgets: what it is made of, and its buttons, pressed as a browser does."""

import json
import uuid
from dataclasses import replace

import httpx
import pytest

import models
from app import sentences
from models import catalog
from models.task import Example
from models.tasks.holidays import PHOTOS
from tests.app.conftest import FILE_DATA, drawing, two_characters
from tests.conftest import encoded


def press(widgets, number, *data):
    """Call the function with this number through the queue, as a button does, and return the final message."""
    session = uuid.uuid4().hex
    body = {"data": data, "fn_index": number, "session_hash": session}
    httpx.post(f"{widgets}/gradio_api/queue/join", json=body, timeout=60).raise_for_status()
    stream = httpx.get(f"{widgets}/gradio_api/queue/data?session_hash={session}", timeout=60).text
    lines = [json.loads(line[6:]) for line in stream.splitlines() if line.startswith("data: ")]
    return next(line for line in lines if line["msg"] == "process_completed")


def button(widgets, model):
    """The config of the page, and the event of the button of the tab that offers a model."""
    config = httpx.get(f"{widgets}/config", timeout=60).json()
    choices = {part["id"]: part["props"].get("choices") for part in config["components"] if part["type"] == "dropdown"}
    offering = [id for id, each in choices.items() if model in {value for _, value in each}]
    return config, next(event for event in config["dependencies"] if event["inputs"][-1:] == offering)


def uploaded(widgets, name, data):
    """An uploaded file as a component sends it."""
    path = httpx.post(f"{widgets}/gradio_api/upload", files={"files": (name, data)}, timeout=60).json()[0]
    return {"path": path, "orig_name": name, **FILE_DATA}


def test_the_button_of_the_page_answers_and_reports_errors(widgets):
    """The endpoint of the button is private; the page calls it by number through the queue."""
    _, event = button(widgets, "mnist-cnn")
    file = uploaded(widgets, "one.png", encoded(drawing()))

    def submit(composite):
        return press(widgets, event["id"], {"background": None, "layers": [], "composite": composite}, "mnist-cnn")

    done = submit(file)
    words, label, whole = done["output"]["data"]
    assert done["success"] and words.startswith("This looks like the digit <b>1</b>.")
    assert label["label"] == "1" and whole["label"] == "1"
    empty = submit(None)
    assert empty["success"]
    assert empty["output"]["data"] == ['<p role="alert">There is no input yet; draw a digit here.</p>', {}, None]
    for forbidden in ({"path": "/etc/hostname", **FILE_DATA}, {**file, "url": "data:image/png;base64,AAAA"}):
        assert "Addresses and files on the server are not opened" in submit(forbidden)["output"]["error"]


def test_the_page_shows_notes(widgets):
    _, event = button(widgets, "mnist-cnn")
    sketch = {"background": None, "layers": [], "composite": uploaded(widgets, "two.png", two_characters())}
    words = press(widgets, event["id"], sketch, "mnist-cnn")["output"]["data"][0]
    assert words.endswith("<p>This looks like more than one character; draw one at a time.</p>")


def test_a_photo_is_answered_as_in_python(widgets):
    photo = PHOTOS / "flower.webp"
    expected = models.load("holidays-efficientnet").predict(photo).to_dict()
    _, event = button(widgets, "holidays-efficientnet")
    done = press(widgets, event["id"], uploaded(widgets, photo.name, photo.read_bytes()), "holidays-efficientnet")
    assert done["success"] and done["output"]["data"][2]["probabilities"] == pytest.approx(
        expected["probabilities"], abs=1e-5
    )


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


def test_nothing_is_flagged_counted_or_stored(widgets):
    config = httpx.get(f"{widgets}/config", timeout=60).json()
    assert config["analytics_enabled"] is False and config["footer_links"] == []
    assert not config.get("run_history")
    assert httpx.get(f"{widgets}/monitoring", timeout=60).status_code == 403


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
