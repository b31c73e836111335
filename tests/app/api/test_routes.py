"""REST: what it answers, and that every error is a problem with one sentence."""

import base64
import html
import json
import os
import re

import pytest
from fastapi import FastAPI
from fastapi.openapi.models import OpenAPI
from starlette.testclient import TestClient

import models
from app.api import batches, body, inputs, routes
from app.middleware import BodyLimit
from models import catalog, paths
from models.predictor import Predictor
from tests.app.conftest import REFUSED, STROKES, UNUSUAL, drawing, encoded

PREDICT = "/api/predict/mnist-cnn"


@pytest.fixture(scope="module")
def rest():
    app = FastAPI(openapi_url=None)
    app.mount("/api", routes.build())
    app.add_middleware(BodyLimit)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def problem(response, status, *words):
    """The response is a problem of that status whose sentence holds the words."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status and body["title"] and body["type"] == "about:blank"
    sentence = body["detail"]
    assert "\n" not in sentence and "Traceback" not in sentence and sentence.endswith((".", "?", "g", "}"))
    for word in words:
        assert word in sentence
    return body


def test_the_models_are_listed_as_the_catalog_has_them(rest):
    listed = rest.get("/api/models").json()["models"]
    assert [model["id"] for model in listed] == [model.id for model in catalog.models()]
    assert {"task", "title", "parameters", "figures", "description", "license"} <= set(listed[0])


def test_one_task_can_be_asked_for(rest):
    assert {model["task"] for model in rest.get("/api/models?task=digits").json()["models"]} == {"digits"}
    problem(rest.get("/api/models?task=digit"), 404, "'digit'", "did you mean digits")


def test_one_model_is_shown_whole(rest):
    shown = rest.get("/api/models/mnist-cnn").json()
    assert shown["parameters"] == 8490 and shown["task_details"]["labels"] == list("0123456789")
    assert shown["temperature"] > 0 and shown["data"]


def test_strokes_are_answered_as_python_answers_them(rest):
    answer = rest.post(PREDICT, json=STROKES)
    assert answer.status_code == 200
    here = models.load("mnist-cnn").predict(STROKES).to_dict()
    assert set(answer.json()) == set(here)
    assert answer.json()["label"] == here["label"] == "1"
    assert answer.json()["probabilities"] == pytest.approx(here["probabilities"], abs=1e-6)


@pytest.mark.parametrize("kind", UNUSUAL)
def test_unusual_images_are_answered(rest, kind):
    image = base64.b64encode(UNUSUAL[kind]).decode()
    for sent in ({"json": {"image": image}}, {"files": {"file": UNUSUAL[kind]}}):
        answer = rest.post(PREDICT, **sent)
        assert answer.status_code == 200, answer.text
        assert answer.json()["best"] == "1"


@pytest.mark.parametrize("kind", REFUSED)
def test_bad_images_are_refused_in_one_sentence(rest, kind):
    data, word = REFUSED[kind]
    status = 413 if kind == "too many pixels" else 422
    by_file = problem(rest.post(PREDICT, files={"file": data}), status, word)
    by_json = problem(rest.post(PREDICT, json={"image": base64.b64encode(data).decode()}), status, word)
    assert by_file == by_json


def test_a_data_url_is_an_image_too(rest):
    url = "data:image/png;base64," + base64.b64encode(encoded(drawing())).decode()
    assert rest.post(PREDICT, json={"image": url}).json()["label"] == "1"


def test_many_are_answered_in_their_order(rest):
    image = {"image": base64.b64encode(encoded(drawing())).decode()}
    seven = {"strokes": [[[80, 70], [120, 68], [190, 68], [170, 110], [150, 160], [135, 220]]]}
    answer = rest.post(PREDICT, json={"inputs": [STROKES, seven, image]}).json()
    assert [one["best"] for one in answer["predictions"]] == ["1", "7", "1"]
    files = [("file", encoded(drawing())), ("file", encoded(drawing()))]
    assert len(rest.post(PREDICT, files=files).json()["predictions"]) == 2


def test_of_many_the_one_that_is_refused_is_named(rest):
    blank = {"strokes": []}
    assert problem(rest.post(PREDICT, json={"inputs": [STROKES, blank]}), 422, "blank")["input"] == 1
    assert problem(rest.post(PREDICT, json={"inputs": [{"text": "7"}, STROKES]}), 422, "has text")["input"] == 0
    files = [("file", encoded(drawing())), ("file", b"no image")]
    assert problem(rest.post(PREDICT, files=files), 422, "image")["input"] == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"strokes": [[[NaN, 60]]]}', ["NaN"]),
        ('{"strokes": [[[1, -Infinity]]]}', ["-Infinity"]),
        ('{"strokes": [[[1e999, 60]]]}', ["finite"]),
        ('{"strokes": [[["a", "b"]]]}', ["[x, y]"]),
        ('{"strokes": [[[1, 2, 3]]]}', ["[x, y]"]),
        ('{"strokes": [[null]]}', ["[x, y]"]),
        ('{"strokes": []}', ["blank"]),
        ('{"strokes": {}}', ["a list of strokes", "an object"]),
        ('{"strokes": [[[1, 2]]], "pen": 0}', ["pen"]),
        ('{"strokes": [[[1, 2]]], "pen": null}', ["pen"]),
        ('{"strokes": [[[1, 2]]], "pencil": 3}', ["'pencil'"]),
        ('{"strokes": [], "image": ""}', ["strokes and image"]),
        ('{"text": "seven"}', ["this one has text"]),
        ('{"image": 7}', ["a string, not a number"]),
        ('{"image": "%%%"}', ["base64"]),
        ('{"inputs": []}', ["'inputs'"]),
        ('{"inputs": {}}', ["'inputs'"]),
        ("{}", ["this one has no fields"]),
        ("[]", ["a JSON object, not a list"]),
        ("null", ["null"]),
        ('{"strokes": [[[1, 2]]]', ["not valid JSON", "line 1"]),
        ("", ["not valid JSON"]),
        ("[" * 100_000, ["not valid JSON"]),
        ('{"strokes": [[[' + "1" * 10_000 + ", 2]]]}", ["not valid JSON"]),
        (b'{"text": "\xff"}', ["not valid JSON"]),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, str | bytes) else None,
)
def test_wrong_json_is_refused_in_one_sentence(rest, body, words):
    problem(rest.post(PREDICT, content=body, headers={"content-type": "application/json"}), 422, *words)


def test_too_much_is_refused_before_it_is_decoded(rest):
    many = {"inputs": [STROKES] * (inputs.MAX_INPUTS + 1)}
    problem(rest.post(PREDICT, json=many), 413, str(inputs.MAX_INPUTS))
    long = {"strokes": [[[1, 2]] * 200_000]}
    problem(rest.post(PREDICT, json=long), 413, "points")
    problem(rest.post(PREDICT, content=b"x" * (33 * 2**20)), 413, "32 MB")


def test_a_body_of_unsaid_length_is_cut_off(rest):
    pieces = (b" " * 2**20 for _ in range(40))
    problem(rest.post(PREDICT, content=pieces, headers={"content-type": "application/json"}), 413, "32 MB")


def test_wrong_forms_are_refused(rest):
    problem(rest.post(PREDICT, files={"picture": b"x"}), 422, "named 'file'")
    problem(rest.post(PREDICT, data={"file": "my.png"}, files={"other": b""}), 422, "named 'file'")
    problem(rest.post(PREDICT, content=b"x", headers={"content-type": "multipart/form-data"}), 422, "form")
    problem(rest.post(PREDICT, data={"text": "7"}), 415, "application/json")


def test_what_is_not_there_is_a_problem_too(rest):
    problem(rest.get("/api/bogus"), 404, "/api/bogus", "/api/models")
    problem(rest.get("/api/models/mnist-cn"), 404, "'mnist-cn'", "did you mean mnist-cnn")
    problem(rest.post("/api/predict/mnist-cn", json=STROKES), 404, "did you mean mnist-cnn")
    problem(rest.get("/api/models/user/name"), 404, "'user/name'")
    problem(rest.get("/api/models/" + "x" * 5000), 404)
    problem(rest.get(PREDICT), 405, "does not support GET; use GET for models and POST for predict")
    problem(rest.delete("/api/models"), 405, "/api/models does not support DELETE")


def test_no_request_can_name_a_file(rest, monkeypatch):
    """Whatever is sent, what reaches a predictor holds no path; a string in the place of strokes is refused."""
    seen = []
    original = Predictor.read
    monkeypatch.setattr(Predictor, "read", lambda self, raw: seen.append(raw) or original(self, raw))
    path = str(paths.SHIPPED / "mnist-cnn" / "README.md")
    for sent in (
        {"image": path},
        {"strokes": path},
        {"strokes": [path]},
        {"strokes": [[path]]},
        {"text": path},
        {"path": path},
        {"file": path},
        path,
        {"image": base64.b64encode(path.encode()).decode()},
    ):
        problem(rest.post(PREDICT, json=sent), 422)
    for id in ("../checkpoints/mnist-cnn", "..%2Fcheckpoints%2Fmnist-cnn", str(paths.SHIPPED / "mnist-cnn")):
        assert rest.post(f"/api/predict/{id}", json=STROKES).status_code == 404
        assert rest.get(f"/api/models/{id}").status_code == 404
    assert seen and all(isinstance(raw, bytes | dict) for raw in seen)


def test_a_damaged_checkpoint_is_a_problem_of_the_server(rest, damaged):
    problem(rest.post("/api/predict/damaged", json=STROKES), 503, "model.onnx", "damaged or was changed")
    assert rest.post(PREDICT, json=STROKES).status_code == 200
    listed = [model["id"] for model in rest.get("/api/models").json()["models"]]
    assert "mnist-cnn" in listed


def test_our_own_mistakes_are_said_without_details(rest, monkeypatch):
    monkeypatch.setattr(batches, "predict_many", lambda *args: 1 / 0)
    refusal = problem(rest.post(PREDICT, json=STROKES), 500, "on the server;")
    assert "division" not in json.dumps(refusal)


def test_it_describes_itself(rest):
    document = rest.get("/api/openapi.json").json()
    OpenAPI.model_validate(document)
    schemas = document["components"]["schemas"]
    refs = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert refs == set(schemas)
    assert (
        schemas["Strokes"]["properties"]["pen"]["default"] == 18
        and schemas["Many"]["properties"]["inputs"]["maxItems"] == 256
    )
    assert all(field["description"] for field in schemas["Prediction"]["properties"].values())
    assert set(document["paths"]) == {"/models", "/models/{id}", "/predict/{id}"}
    assert document["servers"] == [{"url": "/api"}]
    assert "application/json" in document["paths"]["/predict/{id}"]["post"]["requestBody"]["content"]
    assert rest.get("/api/").json()["models"] == "/api/models"
    assert os.path.basename(rest.get("/api/").json()["openapi"]) == "openapi.json"


def test_a_request_too_many_is_refused_with_retry_after(rest, monkeypatch):
    monkeypatch.setattr(routes, "MAX_WAITING", 0)
    answer = rest.post(PREDICT, json=STROKES)
    problem(answer, 503, "in a moment")
    assert answer.headers["retry-after"] == "1"
    assert rest.get("/api/models").status_code == 200


def test_nothing_is_held_after_any_outcome(rest, monkeypatch):
    monkeypatch.setattr(routes, "MAX_WAITING", 1)
    for content, status in ((b"{}", 422), (b"no JSON", 422), (json.dumps(STROKES).encode(), 200)) * 2:
        assert rest.post(PREDICT, content=content, headers={"content-type": "application/json"}).status_code == status
    assert rest.post(PREDICT, content=b"x", headers={"content-type": "text/plain"}).status_code == 415
    assert rest.post("/api/predict/no-such-model", json=STROKES).status_code == 404
    assert not body._bytes


def test_one_client_cannot_fill_the_memory_with_bodies(rest, monkeypatch):
    monkeypatch.setattr(body, "MAX_CLIENT_BYTES", 1000)
    problem(rest.post(PREDICT, content=b" " * 1001, headers={"content-type": "application/json"}), 503, "in a moment")
    problem(rest.post(PREDICT, files={"file": b" " * 1001}), 503, "in a moment")
    assert not body._bytes
    assert rest.post(PREDICT, json=STROKES).status_code == 200


def test_the_documents_page_loads_nothing_and_its_calls_are_real(rest):
    page = rest.get("/api/docs")
    assert page.status_code == 200 and "<script" not in page.text and "src=" not in page.text
    for path in rest.get("/api/openapi.json").json()["paths"]:
        assert f">{path}</code>" in page.text
    called = re.findall(r"curl (http://testserver\S+?)[ <\n]", page.text)
    assert "http://testserver/api/models" in called
    for address in called:
        assert rest.get(address).status_code == (405 if "/predict/" in address else 200), address
    example = json.loads(html.unescape(page.text).partition("--json '")[2].partition("'")[0])
    best = next(model for model in catalog.models() if model.task.input == "ink")
    assert best.id in page.text and rest.post(f"/api/predict/{best.id}", json=example).status_code == 200


@pytest.mark.parametrize(
    "charset", ["utf-8", "UTF-8", '"utf-8"', "latin-1", "windows-1252", "utf-16", "utf-16le", "UTF-32"]
)
def test_a_declared_charset_is_honoured(rest, charset):
    body = json.dumps({"text": "Müller"}, ensure_ascii=False).encode(charset.strip('"'))
    kind = f"application/json; charset={charset}"
    answer = rest.post("/api/predict/names-gru", content=body, headers={"Content-Type": kind})
    expected = rest.post("/api/predict/names-gru", json={"text": "Müller"})
    assert answer.status_code == 200 and answer.json()["probabilities"] == expected.json()["probabilities"]


@pytest.mark.parametrize("charset", ["klingon", "zip", "idna", "unicode_escape", "undefined", "utf-8\u0000", ""])
def test_an_unknown_charset_is_refused_by_name(rest, charset):
    kind = f"application/json; charset={charset}".encode()
    answer = rest.post("/api/predict/names-gru", content=b"{}", headers={"Content-Type": kind})
    assert answer.status_code == 415 and f"The charset {charset!r} is not supported" in answer.json()["detail"]


def test_a_body_in_another_charset_than_declared_is_refused(rest):
    kind = {"Content-Type": "application/json; charset=utf-16"}
    answer = rest.post("/api/predict/names-gru", content=b'{"text": "x"}', headers=kind)
    assert answer.status_code == 422 and "utf-16" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("id", "shown"), [("names-gru", '{"text": "..."}'), ("mnist-cnn", '{"strokes"'), ("holidays-scratch", '{"image"')]
)
def test_the_sentence_about_json_shows_the_task_s_input(rest, id, shown):
    answer = rest.post(f"/api/predict/{id}", content=b"{", headers={"Content-Type": "application/json"})
    detail = answer.json()["detail"]
    assert answer.status_code == 422 and f"Send {shown}" in detail
    assert rest.post("/api/predict/unknown", content=b"{").status_code == 404
