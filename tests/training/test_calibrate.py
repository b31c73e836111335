"""Temperature and threshold on the validation data."""

import numpy as np
import pytest

from models.calibration import log_softmax
from training.calibrate import fit_small_threshold, fit_temperature, fit_threshold
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


@pytest.mark.parametrize(("count", "expected"), [(24, 1 / 25), (60, 0.03), (300, 0.03)])
def test_the_threshold_of_few_examples_refuses_few_new_ones(count, expected):
    """The mean over many sets; with 24 examples, the default quantile would refuse 7% of new inputs."""
    random = np.random.default_rng(0)
    thresholds = [fit_small_threshold(random.uniform(size=count)) for _ in range(4_000)]
    assert np.mean(thresholds) == pytest.approx(expected, abs=0.003)  # the share of uniform inputs below
