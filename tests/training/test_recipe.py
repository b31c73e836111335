"""A recipe's hyperparameters, set by name."""

import re
from dataclasses import asdict, replace

import pytest
from pydantic import ValidationError

from models import catalog
from models.entry import Augment, Recipe
from models.errors import ZooError
from training.near_misses import ALIASES, OTHERS, near_miss
from training.recipe import bounds, changed, changes_from_defaults, options, type_of, values

ENTRY = catalog.entry("mnist-cnn")


def test_hyperparameters_of_the_recipe_and_of_the_augmentation_are_set():
    new = changed(ENTRY, {"epochs": 3, "rotate": 5.0, "lr": None, "datasets": "digits8x8, mnist"})
    assert (new.epochs, new.lr, new.datasets) == (3, ENTRY.recipe.lr, ("digits8x8", "mnist"))
    assert new.augment.rotate == 5.0 and new.augment.scale == ENTRY.recipe.augment.scale


def test_a_recipe_without_augmentation_gets_only_the_requested_amounts():
    plain = replace(ENTRY, recipe=replace(ENTRY.recipe, augment=None))
    assert changed(plain, {"elastic": 1.0}).augment == Augment(0, 0, 0, 0, 1.0)
    assert changed(plain, {"elastic": 0.0}).augment is None


def test_an_empty_start_means_none():
    assert changed(catalog.entry("letters-transfer"), {"start_from": ""}).start_from is None


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(ZooError, match="no option 'epoch'; did you mean --epochs"):
        changed(ENTRY, {"epoch": 3})
    assert {"epochs", "lr", "rotate", "elastic"} <= set(options())


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"epochs": 0}, "--epochs is 0; expected a whole number from 1 to 100,000."),
        ({"epochs": 2.5}, "--epochs is 2.5; expected a whole number from 1 to 100,000."),
        ({"batch": 1}, "--batch is 1; expected a whole number from 2 to 65,536."),
        ({"lr": 0.0}, "--lr is 0.0; expected a number above 0 and below 100."),
        ({"lr": float("nan")}, "--lr is nan; expected a number above 0 and below 100."),
        ({"ema": 1.0}, "--ema is 1.0; expected a number from 0 to below 1."),
        ({"datasets": " , "}, "--datasets is ' , '; expected one data set or more, separated by commas."),
        ({"datasets": "digits8x8,digit8x8"}, "There is no data set 'digit8x8'; did you mean digits8x8?"),
        ({"label_smoothing": 1.5}, "--label-smoothing is 1.5; expected a number from 0 to below 1."),
        ({"adversarial": -0.1}, "--adversarial is -0.1; expected a number from 0 to below 10."),
        ({"rotate": float("inf")}, "--rotate is inf; expected a number from 0 to 180."),
        ({"colour": 2}, "--colour is 2; expected a number from 0 to 1."),
        ({"few": 0}, "--few is 0; expected a whole number from 1."),
        ({"refit": "maybe"}, "--refit is 'maybe'; expected true or false."),
    ],
)
def test_impossible_values_are_refused_with_one_sentence(values, sentence):
    with pytest.raises(ZooError, match=f"^{re.escape(sentence)}$"):
        changed(ENTRY, values)


@pytest.mark.parametrize(
    ("slug", "values", "sentence"),
    [
        (
            "mnist-cnn",
            {"mirror": True},
            "mnist-cnn, which does not read photos; it works for .*holidays-resnet, holidays-s",
        ),
        ("letters-best", {"colour": 0.1}, "letters-best, which does not read photos; it works for .*holidays-resnet"),
        (
            "holidays-resnet",
            {"thickness": 0.4},
            "holidays-resnet, which does not read drawings; it works for letters-best",
        ),
        (
            "names-gru",
            {"rotate": 5},
            "names-gru, which does not read images; it works for .*holidays-resnet, holidays-scrat",
        ),
        ("reviews-lstm", {"elastic": 1.0}, "reviews-lstm, which does not read images; it works for"),
        (
            "mnist-mlp",
            {"adversarial": 0.3},
            "mnist-mlp, which does not read texts; it works for names-gru, names-gru-bal",
        ),
        ("names-rnn", {"frozen": True}, "names-rnn, which does not read images; it works for .*holidays-efficientnet"),
        (
            "names-rnn",
            {"head_epochs": 2},
            "names-rnn, which does not read images; it works for holidays-resnet, letters-tr",
        ),
        ("holidays-efficientnet", {"scale": 0.2}, "holidays-efficientnet, whose trunk is frozen; it works for .*holid"),
        ("letters-transfer", {"frozen": True, "head_epochs": 3}, "letters-transfer, whose trunk is frozen; it works"),
        ("mnist-conv", {"head_epochs": 3}, "mnist-conv, which starts from random weights; it works for holidays-resn"),
    ],
)
def test_options_without_effect_are_refused_with_the_entries_they_work_for(slug, values, sentence):
    with pytest.raises(ZooError, match=f"^--{list(values)[-1].replace('_', '-')} has no effect on {sentence}"):
        changed(catalog.entry(slug), values)


@pytest.mark.parametrize(
    ("slug", "values"),
    [
        ("mnist-conv", {"head_epochs": 3, "start_from": "mnist-cnn"}),
        ("holidays-efficientnet", {"frozen": False, "mirror": True}),
        ("holidays-resnet", {"elastic": 2.0, "colour": 0.1}),
        ("names-gru", {"adversarial": 0.1, "rotate": 0, "mirror": False}),
        ("letters-best", {"adversarial": 0.0, "frozen": True}),
    ],
)
def test_options_with_an_effect_and_those_that_ask_for_none_are_taken(slug, values):
    new = changed(catalog.entry(slug), values)
    assert {name: value for name, value in asdict(new).items() if name in values}.items() <= values.items()


def test_each_hyperparameter_is_described_once_and_bounded():
    for name, field in options().items():
        assert field.description and not field.description.endswith("."), name
        assert bounds(field) if type_of(field) in (int, float) else not bounds(field), name


def test_recipes_are_strict_and_frozen():
    with pytest.raises(ValidationError):
        Recipe(datasets=("mnist",), epoch=3)
    with pytest.raises(ValidationError):
        replace(ENTRY.recipe, epochs=0)
    with pytest.raises(AttributeError):
        ENTRY.recipe.epochs = 3


def test_only_what_differs_from_the_defaults_counts_for_the_key_as_it_is_written():
    recipe = Recipe(datasets=("mnist",), epochs=30, augment=Augment(rotate=9, scale=0.1))
    assert repr(changes_from_defaults(recipe)) == "{'datasets': ('mnist',), 'augment': {'rotate': 9}}"
    assert changes_from_defaults(Recipe(datasets=("mnist",), augment=None))["augment"] is None


def test_augmentation_is_turned_off_as_a_whole():
    assert changed(ENTRY, {"augment": False}).augment is None
    assert changed(ENTRY, {"augment": None}) == changed(ENTRY, {"augment": True}) == ENTRY.recipe
    flat = values(changed(ENTRY, {"augment": False}))
    assert flat["rotate"] == flat["elastic"] == 0 and "augment" not in flat
    with pytest.raises(ZooError, match="--no-augment and --rotate cannot be combined"):
        changed(ENTRY, {"augment": False, "rotate": 5})
    for slug in ("names-gru", "titanic-mlp", "holidays-efficientnet"):
        with pytest.raises(ZooError, match=f"--no-augment has no effect on {slug}"):
            changed(catalog.entry(slug), {"augment": False})


@pytest.mark.parametrize(
    "changes, sentence",
    [
        ({"momentum": 0.9}, "--momentum has no effect with --optimizer adamw; it is for sgd."),
        ({"optimizer": "adam", "weight_decay": 0.1}, "--weight-decay has no effect with --optimizer adam;"),
        ({"optimizer": "sgd", "eps": 0.1}, "--eps has no effect with --optimizer sgd; it is for adamw and adam."),
        ({"schedule": "cosine", "warmup": 0.1}, "--warmup has no effect with --schedule cosine; it is for one-cycle."),
        ({"patience": 3, "keep_best": False}, "--patience has no effect without --keep-best"),
        ({"optimizer": "lion"}, "--optimizer is 'lion'; expected adamw, adam or sgd."),
        ({"schedule": "step"}, "--schedule is 'step'; expected one-cycle, cosine or constant."),
        ({"val_every": 0}, "--val-every is 0; expected a whole number from 1."),
    ],
)
def test_options_that_do_nothing_together_are_refused(changes, sentence):
    with pytest.raises(ZooError, match=re.escape(sentence)):
        changed(ENTRY, changes)


def test_options_at_their_defaults_leave_the_key_of_a_shipped_model_as_it_is():
    usual = {"optimizer": "adamw", "schedule": "one-cycle", "val_every": 1}
    assert changes_from_defaults(changed(ENTRY, usual)) == changes_from_defaults(ENTRY.recipe)


@pytest.mark.parametrize(
    "typed, hint",
    [
        ("--batch-size", "did you mean --batch?"),
        ("--learning-rate", "did you mean --lr?"),
        ("learning_rate", "did you mean --lr?"),
        ("--num-epochs", "did you mean --epochs?"),
        ("--wd", "did you mean --weight-decay?"),
        ("--lables-smoothing", "did you mean --label-smoothing?"),
        ("--epocs", "did you mean --epochs?"),
        ("--Rotate", "did you mean --rotate?"),
        ("--no-augmentation", "did you mean --no-augment?"),
        ("--early-stopping", "did you mean --patience?"),
        ("--random-state", "did you mean --seed?"),
        ("--gpu", "did you mean --device?"),
        ("--name", "did you mean --slug?"),
        ("--dropout", "dropout is part of the net: see models/zoo/mnist_mlp.py."),
        ("--hidden-size", "hidden size is part of the net: see models/zoo/mnist_mlp.py."),
        ("--hiden", "hidden is part of the net: see models/zoo/mnist_mlp.py."),
        ("--num-workers", "batches come from memory, so there are no workers."),
        ("--qqq", None),
        ("--", None),
    ],
)
def test_a_near_miss_is_suggested(typed, hint):
    assert near_miss(typed, "mnist-mlp") == hint


def test_every_suggested_option_exists():
    known = {*options(), *OTHERS}
    assert set(ALIASES) <= known and not {alias for aliases in ALIASES.values() for alias in aliases.split()} & known
    assert near_miss("--layers") == "layers is part of the net: see the entry's file in models/zoo."
