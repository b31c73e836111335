"""The recorded recipe of a model, next to the defaults."""

import json
from dataclasses import asdict

from models import catalog, hyperparameters
from models.entry import Augment, Recipe


def recorded(recipe: Recipe) -> dict:
    return json.loads(json.dumps(asdict(recipe)))


def test_only_what_differs_from_the_defaults_is_changed():
    known = hyperparameters.of(recorded(Recipe(datasets=("a", "b"), epochs=3, augment=Augment(rotate=5))))
    assert {each.name: each.shown for each in known if each.is_changed} == {
        "datasets": "a, b",
        "epochs": "3",
        "rotate": "5",
    }
    assert {"lr", "batch", "shift", "mirror"} <= {each.name for each in known if not each.is_changed}
    assert all(each.description for each in known)


def test_without_augmentation_its_amounts_are_left_out():
    known = hyperparameters.of(recorded(Recipe(datasets=("a",), augment=None, refit=False)))
    changed = {each.name: each.shown for each in known if each.is_changed}
    assert changed == {"datasets": "a", "refit": "no", "augment": "none"}
    assert "rotate" not in {each.name for each in known}


def test_a_checkpoint_that_is_older_or_strange_is_shown():
    assert hyperparameters.of({}) == []
    old = hyperparameters.of({"datasets": ["a"], "epochs": 30, "gone": 1})
    assert [each.name for each in old if each.is_changed] == ["datasets"]
    strange = hyperparameters.of({"datasets": {"a": [1]}, "epochs": "x" * 1000, "augment": [1]})
    assert all(len(each.shown) <= hyperparameters.LONGEST for each in strange)


def test_the_recipe_of_every_shipped_model_can_be_shown():
    for model in catalog.models():
        if model.origin == "shipped":
            known = hyperparameters.of(model.config.training.recipe)
            assert any(each.is_changed for each in known)
