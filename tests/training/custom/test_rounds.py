"""The splits: every label in every split, near duplicates together, each example tested in one fold."""

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


def test_every_label_is_in_every_split_of_the_first_fold(divided):
    labels, _, fold_of = divided
    for part in PARTS:
        assert set(labels[rows_of(part, 0, labels, fold_of)]) == {0, 1, 2}


def test_the_splits_of_a_fold_are_a_partition(divided):
    labels, _, fold_of = divided
    for number in range(FOLDS):
        rows = np.concatenate([rows_of(part, number, labels, fold_of) for part in PARTS])
        assert sorted(rows) == list(range(len(labels)))
        assert {0, 1, 2} == set(labels[rows_of("train", number, labels, fold_of)])
        assert {0, 1, 2} == set(labels[rows_of("validation", number, labels, fold_of)])


def test_every_example_is_tested_in_exactly_one_fold(divided):
    labels, _, fold_of = divided
    tested = np.concatenate([rows_of("test", number, labels, fold_of) for number in range(FOLDS)])
    assert sorted(tested) == list(range(len(labels)))


def test_groups_stay_together_and_folds_are_even(divided):
    labels, groups, fold_of = divided
    for label, group in set(zip(labels.tolist(), groups.tolist(), strict=True)):
        assert len(set(fold_of[(labels == label) & (groups == group)])) == 1
    assert np.ptp(np.bincount(fold_of[labels == 0])) <= 2


def test_thousands_of_groups_are_fast():
    labels = np.repeat(np.arange(10), 20_000)
    assert len(rows_of("test", 0, labels, folds(labels, np.arange(200_000)))) == 40_000


def test_a_few_examples_less_hardly_change_the_split():
    labels, random = np.repeat([0, 1, 2], 22), np.random.default_rng(0)
    whole = folds(labels, np.arange(66))
    for _ in range(20):
        left = np.sort(random.permutation(66)[:60])
        test, before = folds(labels[left], np.arange(60)) == 0, whole[left] == 0
        assert (test & before).sum() >= 0.7 * test.sum()
