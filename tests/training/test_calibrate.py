"""Temperature and threshold on the validation data."""

import numpy as np
import pytest

from models.calibration import log_softmax
from training.calibrate import FEW, FEW_PHOTOS, FEW_TEXTS, fit_small_threshold, fit_temperature, fit_threshold
from training.metrics import negative_log_likelihood


def test_the_temperature_corrects_overconfidence():
    random = np.random.default_rng(0)
    logits = random.normal(size=(20_000, 5)) * 2
    chances = np.exp(log_softmax(logits)).cumsum(axis=1)
    labels = (random.random((20_000, 1)) < chances).argmax(axis=1)
    temperature = fit_temperature(logits * 3, labels)
    assert temperature == pytest.approx(3, rel=0.05)
    assert negative_log_likelihood(logits * 3 / temperature, labels) < negative_log_likelihood(logits * 3, labels)


def test_the_threshold_keeps_97_percent_of_every_source():
    random = np.random.default_rng(0)
    sources = {"a": random.normal(size=5_000), "b": random.normal(loc=-1, size=1_000)}
    threshold = fit_threshold(sources)
    assert all((values >= threshold).mean() >= 0.97 for values in sources.values())
    assert (sources["b"] >= threshold).mean() == pytest.approx(0.97, abs=0.002)


@pytest.mark.parametrize("count", [24, 60, 300])
@pytest.mark.parametrize("draw", ["normal", "exponential", "gumbel", "laplace"])
def test_the_threshold_of_few_examples_refuses_few_new_ones(draw, count):
    """The mean over many sets, for tails of any kind."""
    random = np.random.default_rng(0)
    for sign in (1, -1):
        values = sign * getattr(random, draw)(size=20_000)
        thresholds = [fit_small_threshold(sign * getattr(random, draw)(size=count)) for _ in range(500)]
        refused = np.searchsorted(np.sort(values), thresholds) / len(values)
        assert 0.025 < refused.mean() < 0.08


def test_the_threshold_of_few_examples_depends_on_all_of_them():
    """The lowest of 24 values varies twice as much as the normal bound."""
    random = np.random.default_rng(0)
    sets = random.normal(size=(2_000, 24))
    thresholds = np.array([fit_small_threshold(values) for values in sets])
    assert thresholds.std() < 0.75 * sets.min(axis=1).std() and thresholds.mean() > sets.min(axis=1).mean() + 0.2


@pytest.mark.parametrize("count", [1, 2, 9])
def test_the_threshold_of_very_few_examples_is_the_lowest(count):
    values = np.random.default_rng(0).normal(size=count)
    assert values.min() <= fit_small_threshold(values) <= np.sort(values)[: 2 if count > 2 else 1].max()


def test_models_of_all_examples_get_a_stricter_threshold_where_more_examples_help():
    """More photos make better class means, and more texts contain more of the n-grams of a new one."""
    values = np.random.default_rng(0).normal(size=36)
    plain, photos, texts = (fit_small_threshold(values, shares) for shares in (FEW, FEW_PHOTOS, FEW_TEXTS))
    assert plain < photos < texts < np.quantile(values, FEW_TEXTS[2])
