"""Fixtures for the tests of the hub: models of the catalog, and pages run by Streamlit's AppTest."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from models import catalog
from models.catalog import Model
from tests.conftest import missing

MAIN = Path(__file__).parents[3] / "app" / "hub" / "main.py"


@pytest.fixture
def models() -> list[Model]:
    """The shipped digit models, best first."""
    return [model for model in catalog.models("digits") if model.origin == "shipped"]


def task_app(slug: str) -> AppTest:
    """The page of a task."""

    def script(slug: str) -> None:
        from functools import partial

        import streamlit as st

        from app.hub.views import task

        st.navigation([st.Page(partial(task.show, slug), title="Task", default=True)]).run()

    return AppTest.from_function(script, default_timeout=60, kwargs={"slug": slug})


@pytest.fixture
def home() -> AppTest:
    """The hub as it opens at `/`."""
    return AppTest.from_file(str(MAIN), default_timeout=60)


@pytest.fixture
def task_page() -> AppTest:
    """The page of the digits task."""
    return task_app("digits")


@pytest.fixture
def names_page() -> AppTest:
    """The page of the names task; skip the test without a model for it."""
    if not catalog.models("names"):
        missing("there is no names model; `zoo train names-ngrams` trains one")
    return task_app("names")


@pytest.fixture
def model_page() -> AppTest:
    """The model page; set the model in its `query_params`."""
    return model_app()


def model_app() -> AppTest:
    """The model page."""

    def script() -> None:
        import streamlit as st

        from app.hub import links
        from app.hub.views import model
        from models import catalog

        tasks = [links.task(task) for task in catalog.tasks().values()]
        st.navigation([st.Page(model.show, title="Models", default=True), *tasks]).run()

    return AppTest.from_function(script, default_timeout=60)


def keyed(elements, start: str):
    """Return the only element whose key starts with `start`; the rest of the key names the input."""
    matches = [element for element in elements if (element.key or "").startswith(start)]
    assert len(matches) == 1, [element.key for element in elements]
    return matches[0]


def html(app: AppTest) -> str:
    """Return everything that the page wrote with `st.html`."""
    return "\n".join(element.proto.body for element in app.get("html"))
