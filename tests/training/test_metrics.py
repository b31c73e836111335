"""Each figure against a value computed by hand or by scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, log_loss, precision_recall_fscore_support

from models.calibration import log_softmax
from training import metrics


def _answers(n: int = 500, classes: int = 4, seed: int = 0):
    random = np.random.default_rng(seed)
    labels = random.integers(0, classes, n)
    logits = random.normal(size=(n, classes)) + 2 * np.eye(classes)[labels]
    return logits, labels


def test_wilson_interval():
    low, high = metrics.wilson(9_934, 10_000)
    assert (low, high) == pytest.approx((0.99162, 0.99480), abs=2e-5)
    assert metrics.wilson(10, 10)[1] == 1.0 and metrics.wilson(10, 10)[0] < 0.75
    assert metrics.wilson(0, 10)[0] == 0.0


def test_likelihood_confusion_and_classes_agree_with_scikit_learn():
    logits, labels = _answers()
    answers = logits.argmax(axis=1)
    assert metrics.negative_log_likelihood(logits, labels) == pytest.approx(
        log_loss(labels, np.exp(log_softmax(logits)))
    )
    table = metrics.confusion(labels, answers, 4)
    assert (table == confusion_matrix(labels, answers)).all()
    precision, recall, _, n = precision_recall_fscore_support(labels, answers)
    figures = metrics.per_class(table, tuple("abcd"))
    assert [figures[c]["precision"] for c in "abcd"] == pytest.approx(list(precision))
    assert [figures[c]["recall"] for c in "abcd"] == pytest.approx(list(recall))
    assert [figures[c]["n"] for c in "abcd"] == list(n)


def test_log_softmax_of_large_logits_is_finite():
    assert np.isfinite(log_softmax(np.array([[1e4, -1e4]], np.float32))).all()


@pytest.mark.parametrize("equal_size", [False, True])
def test_calibration_error(equal_size):
    confidence = np.array([0.9] * 10 + [0.6] * 10)
    right = np.array([True] * 9 + [False] + [True] * 6 + [False] * 4)
    if not equal_size:
        assert metrics.calibration_error(confidence, right) == pytest.approx(0.0, abs=1e-9)
    assert metrics.calibration_error(confidence, np.zeros(20, bool), equal_size) == pytest.approx(0.75)


def test_a_calibrated_model_is_within_the_chance_range_and_an_overconfident_one_above():
    random = np.random.default_rng(1)
    confidence = random.uniform(0.3, 1.0, 2_000)
    low, high = metrics.calibration_range(confidence, bins=10)
    assert 0 < low < high < 0.04
    errors = [
        metrics.calibration_error(confidence, random.random(2_000) < confidence, equal_size=True, bins=10)
        for _ in range(200)
    ]
    assert 0.9 <= np.mean([low <= error <= high for error in errors]) <= 0.99
    overconfident = random.random(2_000) < confidence - 0.1
    assert metrics.calibration_error(confidence, overconfident, equal_size=True, bins=10) > high


def test_the_chance_range_matches_a_direct_computation():
    # Two answers in two bins, each with a confidence of 0.5: every simulated error is 0.5.
    assert metrics.calibration_range(np.array([0.5, 0.5]), bins=2) == (0.5, 0.5)
    assert metrics.calibration_range(np.ones(7), bins=10) == (0.0, 0.0)


def test_reliability_counts_every_example_once():
    confidence = np.linspace(0, 1, 101)
    assert sum(row["n"] for row in metrics.reliability(confidence, confidence > 0.5)) == 101


def test_macro_f1_is_over_the_labels_that_have_examples():
    table = np.array([[3, 1, 0], [0, 4, 0], [0, 0, 0]])
    figures = metrics.per_class(table, ("a", "b", "c"))
    assert metrics.macro_f1(figures) == pytest.approx((2 * 0.75 / 1.75 + 2 * 0.8 / 1.8) / 2)
