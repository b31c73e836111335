"""Comparing runs: differing hyperparameters, and mean and spread over seeds."""

from types import SimpleNamespace

import pytest

from models.comparison import columns, difference, differing, over_seeds


def run(accuracy=0.9, seed=0, state="finished", entry="mnist-cnn", changed=(), **recipe):
    recipe = {"epochs": 3, "lr": 0.01, "datasets": ["digits8x8"], **recipe}
    return SimpleNamespace(
        entry=entry, seed=seed, accuracy=accuracy, state=state, recipe=recipe, changed=dict.fromkeys(changed)
    )


def test_only_differing_hyperparameters_are_listed_in_the_order_of_the_recipe():
    runs = [run(), run(lr=0.1, epochs=5), run(lr=0.1, seed=2)]
    assert differing(runs) == ["epochs", "lr"] and differing(runs[:1]) == differing([]) == []
    assert difference(runs) == {"epochs": [3, 5, 3], "lr": [0.01, 0.1, 0.1], "seed": [0, 0, 2]}
    assert difference([run(), run(entry="mnist-mlp")]) == {"entry": ["mnist-cnn", "mnist-mlp"]}


def test_columns_are_what_differs_and_was_changed():
    runs = [run(changed=["lr"]), run(epochs=5, entry="mnist-mlp"), run(lr=0.1, changed=["lr", "datasets"])]
    assert columns(runs) == ["lr"] and columns([]) == []


def test_mean_and_spread_are_over_the_seeds_of_equal_recipes():
    runs = [run(0.8, 1), run(0.9, 0), run(0.95, lr=0.1), run(None, 2), run(0.1, 3, "failed"), run(0.7, entry="other")]
    best, group, other = over_seeds(runs)
    assert (best.mean, best.spread, best.seeds) == (0.95, None, [0]) and other.mean == 0.7
    assert group.mean == pytest.approx(0.85) and group.spread == pytest.approx(0.0707107) and group.seeds == [0, 1]
    assert over_seeds([]) == []
