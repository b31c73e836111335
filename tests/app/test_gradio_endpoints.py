"""The named endpoints under /widgets/, called with gradio_client, plain HTTP and MCP."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

import models
from models import catalog
from models.errors import BadInput
from models.tasks.holidays import PHOTOS
from tests.app.conftest import FILE_DATA, STROKES, drawing


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


def test_a_photo_is_answered_as_in_python(client):
    photo = PHOTOS / "flower.webp"
    expected = models.load("holidays-efficientnet").predict(photo).to_dict()
    answer = client.predict(handle_file(str(photo)), "holidays-efficientnet", api_name="/holidays")
    assert answer["best"] == expected["best"]
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
@pytest.mark.parametrize("more", [{}, FILE_DATA], ids=["bare", "as a file"])
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
