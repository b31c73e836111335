"""The card says how long was trained and which epoch's weights they are."""

import pytest

from training.card import _epochs


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
