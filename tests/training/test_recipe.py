"""A recipe's numbers, set by name."""

import pytest

from models.entry import Augment, Recipe
from models.errors import ZooError
from training.recipe import changed, names

RECIPE = Recipe(datasets=("mnist",))


def test_numbers_of_the_recipe_and_of_the_augmentation_are_set():
    new = changed(RECIPE, {"epochs": 3, "rotate": 5.0, "lr": None, "datasets": "digits8x8, mnist"})
    assert (new.epochs, new.lr, new.datasets) == (3, RECIPE.lr, ("digits8x8", "mnist"))
    assert new.augment.rotate == 5.0 and new.augment.scale == RECIPE.augment.scale


def test_a_recipe_without_augmentation_gets_only_what_is_asked_for():
    new = changed(Recipe(datasets=("mnist",), augment=None), {"elastic": 1.0})
    assert new.augment == Augment(0, 0, 0, 0, 1.0)


def test_an_unknown_number_is_named_and_the_known_ones_too():
    with pytest.raises(ZooError, match="no 'epoch'; it has .*epochs"):
        changed(RECIPE, {"epoch": 3})
    assert {"epochs", "lr", "rotate", "elastic"} <= set(names())


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 0},
        {"batch": 1},
        {"lr": 0.0},
        {"ema": 1.0},
        {"datasets": ""},
        {"label_smoothing": 1.5},
        {"adversarial": -0.1},
    ],
)
def test_impossible_values_are_refused(wrong):
    with pytest.raises(ZooError, match=f"{next(iter(wrong))} is .*; expected"):
        changed(RECIPE, wrong)
