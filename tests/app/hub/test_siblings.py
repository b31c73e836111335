"""A model among the others of its task: the chart against size, and the difference over several seeds."""

import pytest

from app.hub.model.siblings import difference
from models import catalog
from tests.app.hub.conftest import html


def test_the_page_of_a_digit_model_compares_all_of_them(model_page):
    model_page.query_params["model"] = "mnist-deep"
    model_page.run()
    assert not model_page.exception
    text = html(model_page)
    assert "All models, on" in text and "Deep course CNN" in text and "8,490" in text
    assert any("Accuracy and size" in markdown.value for markdown in model_page.markdown)


def test_a_model_alone_in_its_task_has_no_comparison(model_page, monkeypatch):
    everything = catalog.models
    monkeypatch.setattr(catalog, "models", lambda task=None: everything(task)[:1] if task else everything())
    model_page.query_params["model"] = everything("letters")[0].id
    model_page.run()
    assert not model_page.exception and "All models, on" not in html(model_page)


def test_differences_are_paired_by_seed_with_students_interval():
    mean, low, high = difference([0.92, 0.93, 0.94], [0.91, 0.91, 0.91])
    assert mean == pytest.approx(0.02)
    assert high - mean == pytest.approx(mean - low) == pytest.approx(4.303 * 0.01 / 3**0.5)
    assert difference([0.9], [0.8]) is None and difference([0.9] * 3, [0.8] * 4) is None
