"""Each net of a study looks at the test part once, and that look is noted."""

import csv
from types import SimpleNamespace

import numpy as np
import torch

from training import studies
from training.examples import Examples


def test_it_is_noted_as_a_look_at_the_test_part(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    examples = Examples({"x": np.zeros((4, 1), np.float32)}, np.array([0, 1, 1, 1]))
    trained = SimpleNamespace(processor=None, served=SimpleNamespace(net=None))
    monkeypatch.setattr(studies.train, "run", lambda *given, **options: trained)
    monkeypatch.setattr(studies, "prepare", lambda *given: examples)
    monkeypatch.setattr(studies, "outputs", lambda *given: (torch.eye(2)[[0, 1, 1, 0]], None))
    assert studies._accuracy("letters-scratch", 5, 1, 0, "cpu", None) == 0.75
    (row,) = csv.DictReader((tmp_path / "test-runs.csv").open())
    assert (row["model"], row["n"], row["accuracy"]) == ("study-letters-scratch-5-0", "4", "0.75")
