"""What is behind the counts of a model's confusion table, on its page: asked for once, then any cell.

And where it cannot be had.
"""

import re

import pytest
from streamlit.runtime.scriptrunner import StopException

from app import confusion_examples as making
from app.hub import inputs
from app.hub.model import charts
from models import catalog
from models.errors import ZooError
from tests.app.hub.conftest import html

ON = "digits8x8"


@pytest.fixture
def here(tmp_path, monkeypatch, model_page):
    """The page of mnist-cnn in a home of its own, with its tiny scans picked."""
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    model_page.query_params["model"] = "mnist-cnn"
    model_page.session_state["mistakes-mnist-cnn"] = ON
    return model_page


def test_a_button_finds_the_examples_and_then_any_cell_can_be_opened(here):
    here.run()
    assert not here.selectbox
    here.button(key=f"examples-mnist-cnn-{ON}").click().run()
    assert not here.exception
    was, taken = here.selectbox
    assert (was.label, taken.label) == ("True label", "Predicted label")
    assert was.value != taken.value  # a mistake, the most frequent
    taken.select(was.value).run()
    assert not here.exception
    assert re.search(r"Labelled (\d), answered \1: ", html(here))


def test_a_failed_search_is_an_error_message_on_the_page(here, monkeypatch):
    def none(id, dataset):
        yield 0.0
        raise ZooError("There is no such data here.")

    monkeypatch.setattr(making, "make", none)
    here.run()
    here.button(key=f"examples-mnist-cnn-{ON}").click().run()
    assert not here.exception and not here.selectbox
    assert "cannot be shown here. There is no such data here." in html(here)


def test_without_the_training_packages_there_is_no_button(here, monkeypatch):
    monkeypatch.setattr(making, "find_spec", lambda name: None)
    here.run()
    assert not here.exception
    assert f"examples-mnist-cnn-{ON}" not in [button.key for button in here.button]


@pytest.mark.parametrize("name", ["nothing", "--help", "--data=/nowhere"])
def test_missing_data_is_logged_and_the_page_names_no_folder(name, tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.delenv("ZOO_DATA", raising=False)
    with pytest.raises(ZooError) as caught:
        list(making.make("mnist-cnn", name))
    assert str(caught.value) == making.UNAVAILABLE and not making._making.locked()
    assert f"There is no data set '{name}'" in capfd.readouterr().err


def test_a_hanging_search_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.setattr(making, "TIMEOUT", 0.2)
    with pytest.raises(ZooError, match="The test data is missing"):
        list(making.make("mnist-cnn", ON))
    assert not making._making.locked()


def test_an_interrupted_search_is_reported(here, monkeypatch):
    def stopped(id, dataset):
        yield 0.0
        raise StopException  # what a click does to the script that runs

    monkeypatch.setattr(making, "make", stopped)
    here.run()
    here.button(key=f"examples-mnist-cnn-{ON}").click().run()
    here.run()
    assert not here.exception and "The run was interrupted" in html(here)
    here.run()
    assert "interrupted" not in html(here)


def test_one_search_runs_at_a_time_and_leaving_stops_it(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    first = making.make("mnist-cnn", ON)
    assert next(first) == 0.0
    with pytest.raises(ZooError, match="try again in a minute"):
        next(making.make("mnist-mlp", ON))
    first.close()
    assert not making._making.locked()


def test_only_nonzero_counts_can_be_picked():
    table = charts.confusion(["a", "<b>"], [[3, 0], [2, 4]], (1, 0))
    assert 'data-pick="1,0" class="chosen"' in table and 'data-pick="0,1"' not in table and "&lt;b&gt;" in table
    assert "data-pick" not in charts.confusion(["a", "b"], [[3, 0], [2, 4]])


def test_a_picked_text_is_in_the_address():
    names = catalog.task("names")
    assert inputs.kind(names).set_input(names, "Ott") == {"text": "Ott"}
