"""Each net of a study looks at the test part once, and that look is noted."""

import csv
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from training.data.examples import Examples
from training.studies import learning_curve


def test_it_is_noted_as_a_look_at_the_test_part(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    examples = Examples({"x": np.zeros((4, 1), np.float32)}, np.array([0, 1, 1, 1]))
    trained = SimpleNamespace(
        prepared=SimpleNamespace(processor=None),
        served=SimpleNamespace(net=None),
        validated=SimpleNamespace(interrupted=False),
    )
    monkeypatch.setattr(learning_curve, "run", lambda *given, **options: trained)
    monkeypatch.setattr(learning_curve, "prepare", lambda *given: examples)
    monkeypatch.setattr(learning_curve, "outputs", lambda *given: (torch.eye(2)[[0, 1, 1, 0]], None))
    assert learning_curve._accuracy("letters-scratch", 5, 1, 0, "cpu", None) == 0.75
    (row,) = csv.DictReader((tmp_path / "test-runs.csv").open())
    assert (row["model"], row["n"], row["accuracy"]) == ("study-letters-scratch-5-0", "4", "0.75")
    trained.validated.interrupted = True
    with pytest.raises(KeyboardInterrupt):  # and a net that was cut off is not tested
        learning_curve._accuracy("letters-scratch", 5, 1, 0, "cpu", None)
    assert len((tmp_path / "test-runs.csv").read_text().splitlines()) == 2


def test_what_was_cut_off_tells_of_the_numbers_of_examples_that_are_through():
    curve = learning_curve.Design("a", "b", {5: 1, 20: 1}, seeds=(0, 1))
    found = {"a 20 0": 0.5, "a 20 1": 0.7, "b 20 0": 0.6, "b 20 1": 0.8, "a 5 0": 0.3}
    told = learning_curve._summary(curve, found)
    assert told.sizes == [20]
    assert told.models["a"].mean == pytest.approx([0.6]) and told.difference.mean == pytest.approx([0.1])
    with pytest.raises(KeyboardInterrupt):
        learning_curve._summary(curve, {"a 5 0": 0.3})
