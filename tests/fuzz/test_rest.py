"""REST, asked whatever its own OpenAPI document allows and much that it does not: never a 500, always one sentence."""

import json
from typing import Any
from urllib.parse import quote

import pytest
import requests
import schemathesis
from fastapi import FastAPI
from hypothesis import assume, example, given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from app.api import routes
from tests.fuzz.cases import ODD_CHARACTERS, cases, damaged, in_time, numbers, texts, values
from tests.fuzz.test_images import FILES

MODELS = st.sampled_from(("mnist-cnn", "names-rnn", "holidays-scratch", "nobody"))
APP = FastAPI(openapi_url=None)
APP.mount("/api", routes.build())


@pytest.fixture(scope="module")
def client():
    with TestClient(APP, raise_server_exceptions=False) as client:
        yield client


def ask(client: TestClient, method: str, path: str, **options: Any) -> Any:
    """The JSON of the response to a request, after checking that it is one that was meant."""
    with in_time():
        response = client.request(method, path, **options)
    assert response.status_code < 500, (response.status_code, response.text)
    assume(response.text != '{"detail":"Not Found"}')  # the id was "..", which leads out of the API
    if response.status_code == 200:
        return json.loads(response.text, parse_constant=pytest.fail)
    assert response.headers["content-type"] == "application/problem+json", response.text
    detail = response.json()["detail"]
    assert detail and "\n" not in detail and len(detail) < 2_000 and detail.isprintable(), detail
    return response.json()


pytestmark = pytest.mark.filterwarnings("ignore")  # of the test client
schema = schemathesis.openapi.from_asgi("/api/openapi.json", APP)


@cases(150)
@given(st.one_of(*(operation.ok().as_strategy() for operation in schema.get_all_operations())))
def test_the_requests_of_the_openapi_document(client, case):
    request = requests.Request(**case.as_transport_kwargs(base_url="http://testserver/api")).prepare()
    ask(client, request.method, request.url, content=request.body, headers=dict(request.headers))


strokes = st.one_of(
    values,
    st.lists(st.lists(st.lists(numbers, min_size=2, max_size=2), max_size=30), max_size=4),
    st.lists(st.lists(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=2), min_size=1, max_size=30), min_size=1),
    st.lists(values, max_size=3),
)
bodies = st.one_of(
    st.fixed_dictionaries({"strokes": strokes}, optional={"pen": st.one_of(numbers, values)}),
    st.fixed_dictionaries({"text": st.one_of(texts, values)}),
    st.fixed_dictionaries(
        {"image": st.one_of(texts, values, st.sampled_from(("data:,", "aGk=", "data:image/png;base64")))}
    ),
    values,
    st.dictionaries(st.sampled_from(("strokes", "text", "image", "inputs", "pen", "\ud800")), values, max_size=3),
)
orders = st.one_of(
    bodies,
    st.fixed_dictionaries({"inputs": st.one_of(st.lists(bodies, max_size=4), values)}),
    st.just({"inputs": [{}] * 300}),
)


@cases(150)
@given(MODELS, orders)
@example("mnist-cnn", {"strokes": [[[1e308, -1e308], [float("nan"), 0]]]})
@example("names-rnn", {"text": "\ud800\u202e" + "\u0323\u0300" * 5_000})
def test_json_of_every_kind(client, model, body):
    data = json.dumps(body, default=lambda data: data.decode("latin-1"))
    ask(client, "POST", f"/api/predict/{model}", content=data.encode())


BROKEN = (
    *(
        b"",
        b"{",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"\xff\xfe{}",
        b'{"text": "\xed\xa0\x80"}',
        b"9" * 5_000,
        b'"\\ud800"',
    ),
    *(
        b'{"text": ' + b"9" * 5_000 + b"}",
        b'{"strokes": [[[' + b"9" * 5_000 + b", 1]]]}",
        b'{"strokes": 1e400}',
        b"null",
    ),
    *(
        b'{"text": "a", "text": 1}',
        b'{"strokes": [' + b"[]," * 30_000 + b"[]]}",
        b'{"inputs": [' + b"1," * 999 + b"1]}",
    ),
)
TYPES = (
    "application/json",
    "application/json; charset=utf-7",
    "text/plain",
    "multipart/form-data",
    "",
    "\x00",
    "a/b+json",
)


@cases(100)
@given(MODELS, st.one_of(st.sampled_from(BROKEN), st.binary(max_size=200)), st.sampled_from(TYPES))
def test_bodies_that_are_no_json(client, model, data, kind):
    ask(client, "POST", f"/api/predict/{model}", content=data, headers={"content-type": kind})


@cases(100)
@given(
    MODELS,
    st.lists(
        st.tuples(
            st.sampled_from(("file", "File", "x", "\ud800")),
            st.tuples(
                st.text(st.sampled_from(ODD_CHARACTERS.replace("\ud800", "").replace("\udfff", "")), max_size=8),
                st.one_of(st.binary(max_size=200), st.sampled_from(sorted(FILES)).flatmap(lambda n: damaged(FILES[n]))),
            ),
        ),
        max_size=4,
    ),
    st.one_of(
        st.none(), damaged(b"--x\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\nabc\r\n--x--\r\n")
    ),
)
def test_forms_of_every_kind(client, model, files, raw):
    if raw is None:
        ask(client, "POST", f"/api/predict/{model}", files=[(n.encode(errors="replace").decode(), f) for n, f in files])
    else:
        kind = {"content-type": "multipart/form-data; boundary=x"}
        ask(client, "POST", f"/api/predict/{model}", content=raw, headers=kind)


@cases(100)
@given(
    st.sampled_from(("GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")),
    st.sampled_from(("", "models", "models/", "predict/", "docs", "openapi.json", "models/../../etc")),
    st.text(st.characters(codec="utf-8"), max_size=40),
    st.dictionaries(
        st.sampled_from(("task", "id", "\x00")), st.text(st.characters(codec="utf-8"), max_size=40), max_size=2
    ),
)
def test_addresses_of_every_kind(client, method, path, rest, query):
    with in_time():
        response = client.request(method, quote(f"/api/{path}{rest}"), params=query, follow_redirects=False)
    assert response.status_code < 500, response.text
