"""A model among the others of its task: the chart against size, and the difference over several seeds."""

import json

import pytest
from scipy import stats

from app import speed
from models import catalog
from models.evaluation import difference
from tests.app.hub.conftest import html


def test_the_page_of_a_digit_model_compares_all_of_them(model_page):
    model_page.query_params["model"] = "mnist-deep"
    model_page.run()
    assert not model_page.exception
    text = html(model_page)
    assert "All models, on" in text and "Deep course CNN" in text and "8,490" in text
    assert any("Accuracy, size and time" in markdown.value for markdown in model_page.markdown)


def test_the_chart_shows_accuracy_parameters_and_milliseconds(model_page, monkeypatch):
    times = {model.id: 0.25 + number for number, model in enumerate(catalog.models("digits")[:-1])}
    monkeypatch.setattr(speed, "known", lambda: times)
    model_page.query_params["model"] = "mnist-deep"
    model_page.run()
    assert not model_page.exception
    charts = [json.loads(chart.proto.spec) for chart in model_page.get("vega_lite_chart")]
    chart = next(chart for chart in charts if "fewest parameters" in chart.get("description", ""))
    rings, timed, *_ = chart["layer"]  # the model without a time is a ring
    assert rings["mark"]["type"] == "point" and "!isValid" in rings["transform"][0]["filter"]
    encoded = timed["encoding"]
    assert [encoded[name]["field"] for name in ("x", "y", "size")] == ["Parameters", "Mistakes", "Milliseconds"]
    assert "1 - datum.value" in encoded["y"]["axis"]["labelExpr"] and encoded["y"]["title"] == "Accuracy"
    assert "ms" in chart["description"]


def test_a_model_alone_in_its_task_has_no_comparison(model_page, monkeypatch):
    everything = catalog.models
    monkeypatch.setattr(catalog, "models", lambda task=None: everything(task)[:1] if task else everything())
    model_page.query_params["model"] = everything("letters")[0].id
    model_page.run()
    assert not model_page.exception and "All models, on" not in html(model_page)


def test_the_page_says_how_much_batch_norm_brings_over_the_seeds(model_page):
    model_page.query_params["model"] = "fashion-cnn-batchnorm"
    model_page.run()
    assert not model_page.exception
    assert "percentage points against Course CNN" in html(model_page) and "three and three seeds" in html(model_page)


def test_differences_are_those_of_a_two_sample_t_test():
    """Against SciPy's, for two and three seeds."""
    first, second = [0.9132, 0.9101], [0.9062, 0.9053, 0.9032]
    interval = stats.ttest_ind(first, second).confidence_interval(0.95)
    mean, low, high = difference(first, second)
    assert mean == pytest.approx(sum(first) / 2 - sum(second) / 3)
    assert (low, high) == pytest.approx((interval.low, interval.high), rel=1e-3)
    assert difference([0.9], [0.8, 0.81]) is None
