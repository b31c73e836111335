"""Fixtures for the tests of the lab: its page, run by Streamlit's AppTest.

Nothing is trained; the tests look at what would be queued.
"""

import pytest
from streamlit.testing.v1 import AppTest

from models import runs
from models.runs import Run
from training import queue


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A ZOO_HOME of its own, in which no worker starts; the lab is open to all."""
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.setenv("ZOO_LAB", "on")
    monkeypatch.setattr(queue, "start_worker", lambda: None)
    return tmp_path


@pytest.fixture
def page(home) -> AppTest:
    """The page of the lab; set the run or the part in its `query_params`."""

    def script() -> None:
        import streamlit as st

        from app.hub import links
        from app.hub.views import lab
        from models import catalog

        others = [links.lab(), links.models(), *(links.task(task) for task in catalog.tasks().values())]
        st.navigation([st.Page(lab.show, title="Lab", default=True), *others]).run()

    return AppTest.from_function(script, default_timeout=120)


def opened(page: AppTest, **address: str) -> AppTest:
    for name, value in address.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def labelled(elements, label: str):
    return next(element for element in elements if element.label == label)


def record(id: str, **changes) -> Run:
    """Write the record of a run."""
    values = {"lr": 0.01, "epochs": 3, "datasets": ["digits8x8"]} | changes.pop("recipe", {})
    fields = {"model": id, "entry": "mnist-softmax", "task": "digits", "seed": 0, "state": "finished", "created": 1.0}
    changed = {name: value for name, value in values.items() if name != "epochs"}
    run = Run(id=id, recipe=values, changed=changed, **{**fields, **changes})
    runs.write(run)
    return run
