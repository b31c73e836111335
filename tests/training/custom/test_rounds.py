"""The splits: every label in every split, near duplicates together, each example tested in one fold."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from training.custom.folds import FOLDS, folds, rows_of
from training.custom.item import Item
from training.custom.near_duplicates import groups

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


@pytest.mark.parametrize("kind", ["text", "ink"])
def test_copies_with_shuffled_labels_are_recognised_no_better_than_by_chance(kind, tmp_path):
    """Of 8 copies of each original, whose labels mean nothing, the nearest neighbour across the split knows no more."""
    random, items = np.random.default_rng(0), []
    for original in range(30):
        label = str(original % 3)
        words = ["".join(random.choice(list("abcdefghijkl"), 5)) for _ in range(6)]
        image = Image.new("L", (120, 120), 255)
        points = [tuple(point) for point in random.integers(30, 90, (6, 2)).tolist()]
        ImageDraw.Draw(image).line(points, fill=0, width=6, joint="curve")
        for copy in range(8):
            file = tmp_path / f"{original}-{copy}.png"
            image.rotate(float(random.uniform(-5, 5)), Image.Resampling.BICUBIC, fillcolor=255).save(file)
            text = " ".join([*words[:3], str(random.integers(10_000)), *words[3:]])
            items.append(Item(text if kind == "text" else file, label, file.name, file.name))
    labels = np.array([int(item.label) for item in items])
    near = np.zeros(len(items), np.int64)
    for label in range(3):
        near[labels == label] = groups([item for item in items if item.label == str(label)], kind)
    fold_of = folds(labels, near)
    originals = np.repeat(np.arange(30), 8)
    right = 0
    for number in range(FOLDS):
        tested, trained = (rows_of(part, number, labels, fold_of) for part in ("test", "train"))
        for row in tested:
            known = np.flatnonzero(originals[trained] == originals[row])
            right += len(known) > 0 or random.random() < 1 / 3
    assert right / len(items) < 0.43  # a net that knows every copy by heart; chance is 1/3
