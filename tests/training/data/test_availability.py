"""Where data sets are: on this machine, to be downloaded, or missing."""

from training.data.availability import availability, trainable


def test_data_sets_say_where_they_come_from(monkeypatch):
    monkeypatch.delenv("ZOO_DATA", raising=False)
    assert availability("digits8x8") == "here" and availability("otto") == "missing"
    assert "digits8x8" in trainable(("digits8x8", "noise")) and "noise" not in trainable(("digits8x8", "noise"))
