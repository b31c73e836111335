"""The attribution check uses a test set, and the run is recorded."""

import csv

from training.studies import attribution_check as checking


def test_the_run_on_the_test_set_is_recorded(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.setattr(checking, "MAX_INPUTS", 3)
    result = checking.attribution_check("mnist-mlp", on="digits8x8", store=False)
    (row,) = csv.DictReader((tmp_path / "test-runs.csv").open())
    assert (row["model"], row["dataset"], row["n"]) == ("mnist-mlp", "digits8x8", "3") and result.n == 3
