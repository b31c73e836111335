"""What is behind the counts of a model's confusion table, on its page: asked for once, then any cell; and where it cannot be had."""

import pytest

from app import cells as making
from app.hub.parts import charts, inputs
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


def test_a_button_has_them_found_and_then_any_cell_can_be_opened(here):
    here.run()
    assert not here.selectbox
    here.button(key=f"behind-mnist-cnn-{ON}").click().run()
    assert not here.exception
    was, taken = here.selectbox
    assert (was.label, taken.label) == ("It was", "It was taken for")
    assert was.value != taken.value  # a mistake, the most frequent
    taken.select(was.value).run()
    assert not here.exception
    assert ", right: " in html(here)


def test_where_it_cannot_be_had_the_page_says_so_and_goes_on(here, monkeypatch):
    def none(id, dataset):
        yield 0.0
        raise ZooError("There is no such data here.")

    monkeypatch.setattr(making, "make", none)
    here.run()
    here.button(key=f"behind-mnist-cnn-{ON}").click().run()
    assert not here.exception and not here.selectbox
    assert "cannot be shown here. There is no such data here." in html(here)


def test_the_process_says_what_is_missing_in_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.delenv("ZOO_DATA", raising=False)
    with pytest.raises(ZooError, match="There is no data set 'nothing'"):
        list(making.make("mnist-cnn", "nothing"))
    assert not making._one.locked()


def test_one_is_made_at_a_time_and_leaving_stops_it(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    first = making.make("mnist-cnn", ON)
    assert next(first) == 0.0
    with pytest.raises(ZooError, match="try again in a minute"):
        next(making.make("mnist-mlp", ON))
    first.close()
    assert not making._one.locked()


def test_only_counts_that_are_there_can_be_picked():
    table = charts.confusion(["a", "<b>"], [[3, 0], [2, 4]], (1, 0))
    assert 'data-pick="1,0" class="chosen"' in table and 'data-pick="0,1"' not in table and "&lt;b&gt;" in table
    assert "data-pick" not in charts.confusion(["a", "b"], [[3, 0], [2, 4]])


def test_a_picked_text_stands_in_the_address():
    names = catalog.task("names")
    assert inputs.kind(names).take(names, "Ott") == {"text": "Ott"}
