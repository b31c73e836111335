"""Labels of own examples: their order, and those that look alike."""

import random

import pytest

from training.custom.labels import alike, in_order


@pytest.mark.parametrize(
    "labels",
    [
        ["0", "1", "2", "9", "10", "11", "100"],
        ["-10", "-2", "-1", "0", "1", "2"],
        ["0.5", "1", "1.5", "10"],
        ["room 2", "room 10", "room 10a", "room 11"],
        ["1", "2", "10", "joker"],
        ["A1", "A2", "A10", "B1"],
        ["v1.2", "v1.9", "v1.10"],
        ["", "007", "7", "8"],
        ["Zebra", "apple", "\u00e4rger"],
        ["\u0661", "\u0662", "\u0661\u0660"],
        ["2" * 199, "1" * 200],
        ["x", "x1", "xy"],
    ],
)
def test_numbers_are_ordered_by_value(labels):
    shuffled = labels.copy()
    random.Random(0).shuffle(shuffled)
    assert in_order(shuffled) == labels


@pytest.mark.parametrize(
    "labels",
    [
        ["Tree", "tree"],
        ["tree", "tree "],
        ["good", "good\u200b"],
        ["good", "\ufeffgood"],
        ["good", "go\u00adod"],
        ["New York", "new  york", "NewYork"],
        ["stra\u00dfe", "STRASSE"],
        ["A", "\uff21"],
        ["a b", "a\u00a0b"],
        ["\ufb01sh", "fish"],
    ],
)
def test_labels_that_look_alike_are_grouped(labels):
    (group,) = alike([*labels, "other", "goods", "trees"])
    assert sorted(group) == sorted(labels)


def test_different_labels_are_not_alike():
    assert alike(["tree", "trees", "\u00e9t\u00e9", "ete", "1", "10", "+", "-"]) == []
