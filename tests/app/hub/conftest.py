"""What the hub's tests share: models of the catalog to ask, and pages run by Streamlit's AppTest."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from models import catalog
from models.catalog import Model
from tests.conftest import missing

MAIN = Path(__file__).parents[3] / "app" / "hub" / "main.py"


@pytest.fixture
def models() -> list[Model]:
    """The shipped models of the digits, the best first."""
    return [model for model in catalog.models("digits") if model.origin == "shipped"]


@pytest.fixture
def home() -> AppTest:
    """The hub as it opens at `/`."""
    return AppTest.from_file(str(MAIN), default_timeout=60)


@pytest.fixture
def task_page() -> AppTest:
    """The page of the digits."""

    def script() -> None:
        from functools import partial

        import streamlit as st

        from app.hub.views import task

        st.navigation([st.Page(partial(task.show, "digits"), title="Digits", default=True)]).run()

    return AppTest.from_function(script, default_timeout=60)


@pytest.fixture
def names_page() -> AppTest:
    """The page of the names; skipped while no model of theirs is here."""
    if not catalog.models("names"):
        missing("no model of the names is here yet; `zoo train names-ngrams` makes one")

    def script() -> None:
        from functools import partial

        import streamlit as st

        from app.hub.views import task

        st.navigation([st.Page(partial(task.show, "names"), title="Names", default=True)]).run()

    return AppTest.from_function(script, default_timeout=60)


@pytest.fixture
def model_page() -> AppTest:
    """The page of models; which one is in its `query_params`."""

    def script() -> None:
        import streamlit as st

        from app.hub import links
        from app.hub.views import model
        from models import catalog

        tasks = [links.task(task) for task in catalog.tasks().values()]
        st.navigation([st.Page(model.show, title="Models", default=True), *tasks]).run()

    return AppTest.from_function(script, default_timeout=60)


def keyed(elements, start: str):
    """The one element whose key begins so; what follows names the input."""
    found = [one for one in elements if (one.key or "").startswith(start)]
    assert len(found) == 1, [one.key for one in elements]
    return found[0]


def html(app: AppTest) -> str:
    """All that the page wrote with `st.html`."""
    return "\n".join(element.proto.body for element in app.get("html"))
