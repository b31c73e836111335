"""Every model in the catalog has a page, an entry on the page of its task and a REST endpoint."""

import pytest
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from app.api import routes
from app.verify.surfaces import form
from models import catalog, load, paths

MODELS = sorted(path.name for path in paths.SHIPPED.iterdir() if path.is_dir())


@pytest.fixture(params=MODELS)
def model(request):
    return catalog.find(request.param)


def test_the_endpoint_answers_as_in_python(model):
    raw = model.task.examples[0].raw
    answer = TestClient(routes.build()).post(f"/predict/{model.id}", json=form(raw, model))
    assert answer.status_code == 200, answer.text
    expected = load(model.id).predict(raw).to_dict()
    actual = answer.json()
    assert actual["label"] == expected["label"] and actual["checkpoint"] == expected["checkpoint"]
    assert actual["probabilities"] == pytest.approx(expected["probabilities"], abs=1e-6)


def run_page(script, **query) -> AppTest:
    page = AppTest.from_function(script, default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception, page.exception
    return page


def content(block) -> str:
    """Return the text of all protocol messages of a page."""
    inner = " ".join(content(child) for child in getattr(block, "children", {}).values())
    return f"{getattr(block, 'proto', '')} {inner}"


def test_the_model_page_renders(model):
    def script():
        from app.hub.views import model

        model.show()

    page = run_page(script, model=model.id)
    assert model.title in content(page.main)


def test_the_task_page_renders_with_the_model_chosen(model):
    def script():
        import streamlit as st

        from app.hub.views import task

        task.show(st.query_params["task"])

    page = run_page(script, task=model.task.slug, models=model.id)
    assert model.title in content(page.main)
