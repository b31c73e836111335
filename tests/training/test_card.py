"""The card says how long was trained and which epoch's weights they are."""

import pytest

from training.card import _calibration, _epochs


@pytest.mark.parametrize(
    ("training", "said"),
    [
        ({"epochs": 8, "best_epoch": 3, "refitted": False}, "8 epochs, the weights of epoch 3"),
        ({"epochs": 8, "best_epoch": 3, "refitted": True}, "8 epochs, then 3, as many as had been best, on train"),
        ({"epochs": 3, "refitted": False, "recipe": {"epochs": 8}}, "8 epochs, the weights of epoch 3"),
        ({"epochs": 3}, "3 epochs, the weights of epoch 3"),
    ],
)
def test_epochs_run_and_kept(training, said):
    assert _epochs(training).startswith(said)


def test_calibration_is_held_against_chance_where_it_was_measured():
    figures = {"ece_tenths": 0.0123, "ece_tenths_by_chance": [0.008, 0.024]}
    said = _calibration({"sst-sentences": figures, "sst-nodes": {}})
    assert "On sst-sentences" in said and "is 1.23%;" in said and "0.80% to 2.40%" in said
    assert _calibration({"mnist": {"ece": 0.1}}) == ""
