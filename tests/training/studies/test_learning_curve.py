"""Each net of the study is tested once, and the run is recorded."""

import csv
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from training.data.examples import Examples
from training.studies import learning_curve


def test_the_run_on_the_test_set_is_recorded(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    examples = Examples({"x": np.zeros((4, 1), np.float32)}, np.array([0, 1, 1, 1]))
    trained = SimpleNamespace(
        prepared=SimpleNamespace(processor=None),
        served=SimpleNamespace(net=None),
        validated=SimpleNamespace(interrupted=False),
    )
    monkeypatch.setattr(learning_curve, "run", lambda *arguments, **options: trained)
    monkeypatch.setattr(learning_curve, "prepare", lambda *arguments: examples)
    monkeypatch.setattr(learning_curve, "outputs", lambda *arguments: (torch.eye(2)[[0, 1, 1, 0]], None))
    assert learning_curve._accuracy("letters-scratch", 5, 1, 0, "cpu", None) == 0.75
    (row,) = csv.DictReader((tmp_path / "test-runs.csv").open())
    assert (row["model"], row["n"], row["accuracy"]) == ("study-letters-scratch-5-0", "4", "0.75")
    trained.validated.interrupted = True
    with pytest.raises(KeyboardInterrupt):  # an interrupted net is not tested
        learning_curve._accuracy("letters-scratch", 5, 1, 0, "cpu", None)
    assert len((tmp_path / "test-runs.csv").read_text().splitlines()) == 2


def test_an_interrupted_study_reports_the_finished_sizes():
    curve = learning_curve.Design("a", "b", {5: 1, 20: 1}, seeds=(0, 1))
    accuracies = {"a 20 0": 0.5, "a 20 1": 0.7, "b 20 0": 0.6, "b 20 1": 0.8, "a 5 0": 0.3}
    summary = learning_curve._summary(curve, accuracies)
    assert summary.sizes == [20]
    assert summary.models["a"].mean == pytest.approx([0.6]) and summary.difference.mean == pytest.approx([0.1])
    with pytest.raises(KeyboardInterrupt):
        learning_curve._summary(curve, {"a 5 0": 0.3})
