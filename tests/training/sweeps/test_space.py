"""Lists and ranges of `zoo sweep`."""

import pytest

from models import catalog
from models.errors import ZooError
from training.sweeps.space import Range, shown, space_of

ENTRY = catalog.entry("mnist-cnn")


def test_all_combinations_are_tried_and_the_last_list_varies_fastest():
    space = space_of(ENTRY, {"lr": "0.001,0.01", "batch": "32, 128", "epochs": None}, search=False)
    assert space.combinations == [
        {"lr": 0.001, "batch": 32},
        {"lr": 0.001, "batch": 128},
        {"lr": 0.01, "batch": 32},
        {"lr": 0.01, "batch": 128},
    ]


def test_each_kind_of_hyperparameter_has_its_type():
    texts = {"refit": "true,no", "optimizer": "adamw,sgd", "few": "5", "datasets": "digits8x8,mnist"}
    assert space_of(ENTRY, texts, search=False).choices == {
        "refit": (True, False),
        "optimizer": ("adamw", "sgd"),
        "few": (5,),
        "datasets": ("digits8x8,mnist",),
    }


def test_a_search_takes_ranges():
    space = space_of(ENTRY, {"lr": "0.001..0.1", "epochs": "2..9", "batch": "32,64"}, search=True)
    assert space.ranges == {"lr": Range(0.001, 0.1, False, True), "epochs": Range(2, 9, True, False)}
    assert space.names == ["batch", "lr", "epochs"]


@pytest.mark.parametrize(
    ("texts", "search", "sentence"),
    [
        ({"lr": "fast"}, False, "--lr is 'fast'; expected a number above 0 and below 100"),
        ({"lr": "0.1,"}, False, "--lr is ''; expected a number"),
        ({"lr": "0.1,1000"}, False, "--lr is 1000.0; expected a number above 0 and below 100"),
        ({"lr": "0.1,0.10"}, False, "--lr lists 0.1 twice"),
        ({"lr": "0.1..0.2"}, False, "add --search N"),
        ({"lr": "0.2..0.1"}, True, "write the smaller number first"),
        ({"lr": "0.1..0.2..0.3"}, True, "expected LOW..HIGH"),
        ({"lr": "0.1..1000"}, True, "--lr is 1000.0; expected a number above 0 and below 100"),
        ({"optimizer": "adamw..sgd"}, True, "--optimizer does not take a range"),
        ({"optimizer": "newton"}, False, "--optimizer is 'newton'; expected adamw, adam or sgd"),
        ({"refit": "maybe"}, False, "expected true or false"),
        ({"epochs": "2.5"}, False, "--epochs is '2.5'; expected a whole number"),
        ({"mirror": "true"}, False, "--mirror has no effect on mnist-cnn"),
        ({"depth": "1"}, False, "A recipe has no option 'depth'"),
        ({"epochs": ",".join(map(str, range(1, 2000)))}, False, "at most 1,000 can be trained"),
    ],
)
def test_what_cannot_be_tried_is_refused_with_the_way_out(texts, search, sentence):
    with pytest.raises(ZooError) as refused:
        space_of(ENTRY, texts, search=search)
    assert sentence in str(refused.value)


@pytest.mark.parametrize("slug", sorted(catalog.entries()))
def test_a_search_without_lists_tries_valid_settings_of_every_entry(slug):
    entry = catalog.entry(slug)
    space = space_of(entry, {"epochs": "3"}, search=True)
    assert space.names == ["batch", "lr"] and space.choices["epochs"] == (3,)
    texts = {name: ",".join(map(str, values)) for name, values in space.choices.items()}
    texts |= {name: str(limits) for name, limits in space.ranges.items()}
    assert space_of(entry, texts, search=True).names == space.names


def test_only_what_differs_names_the_runs():
    assert space_of(ENTRY, {"epochs": "3", "lr": "0.1,0.2"}, search=False).names == ["lr"]
    assert space_of(ENTRY, {"epochs": "3"}, search=False).names == ["epochs"]
    assert "lr" not in space_of(ENTRY, {"lr": "0.1"}, search=True).ranges


def test_settings_are_shown_in_a_line():
    assert shown({"lr": 0.01, "label_smoothing": 0.1, "refit": False}) == "lr 0.01, label smoothing 0.1, refit false"
    assert shown({}) == "the entry's recipe"
