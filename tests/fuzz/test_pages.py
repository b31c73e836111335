"""Query strings of the pages and calls of the widgets' endpoints of every kind: no error, or a refusal."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.hub.inputs import ink_code
from app.hub.safety import BROKEN
from tests.app.hub.conftest import html, model_app, task_app
from tests.fuzz.cases import cases, damaged, in_time, texts, values

LINK = ink_code.encode([[[140, 55], [141, 110], [140, 170]]], 18)
LETTERS = texts.map(lambda text: text.encode("utf-8", "replace").decode())  # an address has no surrogates
IDS = st.one_of(LETTERS, st.sampled_from(("mnist-cnn", "mnist-mlp,mnist-cnn", "names-rnn", "../mnist-cnn", ",,,")))
INK = st.one_of(LETTERS, damaged(LINK.encode()).map(lambda code: code.decode("latin-1")))
QUERY = st.fixed_dictionaries(
    {}, optional={"models": st.one_of(IDS, st.lists(IDS, max_size=4)), "model": IDS, "text": LETTERS, "ink": INK}
)
PAGES = {"digits": lambda: task_app("digits"), "names": lambda: task_app("names"), "models": model_app}


@cases(40)
@given(st.sampled_from(sorted(PAGES)), QUERY)
def test_query_strings_of_every_kind(name, query):
    page = PAGES[name]()
    for key, value in query.items():
        page.query_params[key] = value
    with in_time():
        page.run()
    assert not page.exception and BROKEN not in html(page)


INPUT = st.one_of(values, st.fixed_dictionaries({}, optional={"strokes": values, "image": values, "text": values}))


@cases(150)
@given(st.one_of(IDS, values), INPUT)
def test_calls_of_the_endpoints_of_every_kind(endpoint, id, value):
    call, refusal = endpoint
    with in_time(), ThreadPoolExecutor(1) as thread:  # Playwright leaves an event loop running in this one
        try:
            answer = thread.submit(lambda: asyncio.run(call(id, value))).result()
        except refusal as error:
            assert str(error)
        else:
            assert answer["probabilities"]


@pytest.fixture(scope="module")
def endpoint():
    """The widgets' endpoint for every task, and what it raises for a wrong call."""
    from app import gradio_endpoints
    from app.api.batches import Batches

    return gradio_endpoints.endpoint(None, Batches()), gradio_endpoints.Refusal
