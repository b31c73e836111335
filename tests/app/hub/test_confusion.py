"""The examples behind the confusion table on a model page: found on request, then any cell can be opened."""

import re

import pytest
from streamlit.runtime.scriptrunner import StopException

from app import confusion_examples as finding
from app.hub import inputs
from app.hub.model import charts
from models import catalog
from models.confusion_examples import Cell, Cells, Sample
from models.errors import ZooError
from tests.app.hub.conftest import html

ON = "digits8x8"


@pytest.fixture
def page(tmp_path, monkeypatch, model_page):
    """The page of mnist-cnn with a temporary ZOO_HOME and digits8x8 selected."""
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    model_page.query_params["model"] = "mnist-cnn"
    model_page.session_state["mistakes-mnist-cnn"] = ON
    return model_page


def test_a_button_finds_the_examples_and_then_any_cell_can_be_opened(page):
    page.run()
    assert not page.selectbox
    page.button(key=f"examples-mnist-cnn-{ON}").click().run()
    assert not page.exception
    true, predicted = page.selectbox
    assert (true.label, predicted.label) == ("True label", "Predicted label")
    assert true.value != predicted.value  # the most frequent mistake
    shown = "".join(each.value for each in page.markdown)
    assert "The most wrong**: mistakes with the highest" in shown and "The hardest**: right answers with" in shown
    predicted.select(true.value).run()
    assert not page.exception
    assert re.search(r"Labelled (\d), answered \1: ", html(page))


def test_the_most_wrong_and_the_hardest_come_from_all_cells():
    def cell(true, predicted, *confidences):
        samples = tuple(Sample(raw={"text": "a"}, confidence=each, abstained=False) for each in confidences)
        return Cell(true=true, predicted=predicted, count=len(samples), samples=samples)

    cells = Cells(cells=(cell(0, 0, 0.3, 0.5), cell(0, 1, 0.9, 0.6), cell(1, 1, 0.4), cell(1, 0, 0.8)))
    assert [sample.confidence for _, sample in cells.most_wrong(2)] == [0.9, 0.8]
    assert [sample.confidence for _, sample in cells.hardest(2)] == [0.3, 0.4]


def test_a_failed_search_is_an_error_message_on_the_page(page, monkeypatch):
    def none(id, dataset):
        yield 0.0
        raise ZooError("There is no such data here.")

    monkeypatch.setattr(finding, "make", none)
    page.run()
    page.button(key=f"examples-mnist-cnn-{ON}").click().run()
    assert not page.exception and not page.selectbox
    assert "cannot be shown. There is no such data here." in html(page)


def test_without_the_training_packages_there_is_no_button(page, monkeypatch):
    monkeypatch.setattr(finding, "find_spec", lambda name: None)
    page.run()
    assert not page.exception
    assert f"examples-mnist-cnn-{ON}" not in [button.key for button in page.button]


@pytest.mark.parametrize("name", ["nothing", "--help", "--data=/nowhere"])
def test_missing_data_is_logged_and_the_page_names_no_folder(name, tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.delenv("ZOO_DATA", raising=False)
    with pytest.raises(ZooError) as caught:
        list(finding.make("mnist-cnn", name))
    assert str(caught.value) == finding.UNAVAILABLE and not finding._making.locked()
    assert f"There is no data set '{name}'" in capfd.readouterr().err


def test_a_hanging_search_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.setattr(finding, "TIMEOUT", 0.2)
    with pytest.raises(ZooError, match="The test data is missing"):
        list(finding.make("mnist-cnn", ON))
    assert not finding._making.locked()


def test_an_interrupted_search_is_reported(page, monkeypatch):
    def stopped(id, dataset):
        yield 0.0
        raise StopException  # as when the user clicks elsewhere

    monkeypatch.setattr(finding, "make", stopped)
    page.run()
    page.button(key=f"examples-mnist-cnn-{ON}").click().run()
    page.run()
    assert not page.exception and "The run was interrupted" in html(page)
    page.run()
    assert "interrupted" not in html(page)


def test_one_search_runs_at_a_time_and_leaving_stops_it(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    first = finding.make("mnist-cnn", ON)
    assert next(first) == 0.0
    with pytest.raises(ZooError, match="try again in a minute"):
        next(finding.make("mnist-mlp", ON))
    first.close()
    assert not finding._making.locked()


def test_only_nonzero_counts_can_be_picked():
    table = charts.confusion(["a", "<b>"], [[3, 0], [2, 4]], (1, 0))
    assert 'data-pick="1,0" class="chosen"' in table and 'data-pick="0,1"' not in table and "&lt;b&gt;" in table
    assert "data-pick" not in charts.confusion(["a", "b"], [[3, 0], [2, 4]])


def test_a_picked_text_is_in_the_address():
    names = catalog.task("names")
    assert inputs.kind(names).set_input(names, "Ott") == {"text": "Ott"}
