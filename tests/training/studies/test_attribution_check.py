"""The study of evidence looks at a test part, and that look is noted."""

import csv

from training.studies import attribution_check as checking


def test_it_is_noted_as_a_look_at_the_test_part(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.setattr(checking, "MAX_INPUTS", 3)
    found = checking.attribution_check("mnist-mlp", on="digits8x8", store=False)
    (row,) = csv.DictReader((tmp_path / "test-runs.csv").open())
    assert (row["model"], row["dataset"], row["n"]) == ("mnist-mlp", "digits8x8", "3") and found.n == 3
