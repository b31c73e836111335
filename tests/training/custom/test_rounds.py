"""The split: every label in every part, near duplicates together, each example tested once over the rounds."""

import numpy as np
import pytest

from training.custom.folds import FOLDS, folds, rows_of

PARTS = ("train", "validation", "test")


@pytest.fixture
def divided():
    random = np.random.default_rng(1)
    labels = np.repeat([0, 1, 2], [100, 3, 7])
    groups = np.concatenate([random.integers(60, size=100), np.arange(3), np.arange(7)])
    return labels, groups, folds(labels, groups)


def test_every_label_is_in_every_part_of_the_first_round(divided):
    labels, _, found = divided
    for part in PARTS:
        assert set(labels[rows_of(part, 0, labels, found)]) == {0, 1, 2}


def test_the_parts_of_a_round_are_all_and_none_twice(divided):
    labels, _, found = divided
    for number in range(FOLDS):
        rows = np.concatenate([rows_of(part, number, labels, found) for part in PARTS])
        assert sorted(rows) == list(range(len(labels)))
        assert {0, 1, 2} == set(labels[rows_of("train", number, labels, found)])
        assert {0, 1, 2} == set(labels[rows_of("validation", number, labels, found)])


def test_over_the_rounds_each_is_tested_once(divided):
    labels, _, found = divided
    tested = np.concatenate([rows_of("test", number, labels, found) for number in range(FOLDS)])
    assert sorted(tested) == list(range(len(labels)))


def test_a_group_is_never_divided_and_folds_are_even(divided):
    labels, groups, found = divided
    for label, group in set(zip(labels.tolist(), groups.tolist(), strict=True)):
        assert len(set(found[(labels == label) & (groups == group)])) == 1
    assert np.ptp(np.bincount(found[labels == 0])) <= 2


def test_thousands_of_groups_take_no_time():
    labels = np.repeat(np.arange(10), 20_000)
    assert len(rows_of("test", 0, labels, folds(labels, np.arange(200_000)))) == 40_000
