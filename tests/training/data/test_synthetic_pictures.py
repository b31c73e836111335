"""Synthetic pictures: the same for the same seed, different for each split, and of many sizes."""

import numpy as np

from training.data import dataset, synthetic_pictures
from training.data.dataset import Sources


def test_pictures_are_reproducible_and_the_kinds_take_turns():
    first, again, other = (synthetic_pictures.pictures(8, seed) for seed in (0, 0, 1))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(first, other, strict=True))
    for picture in first:
        assert picture.dtype == np.uint8 and picture.ndim == 3 and picture.shape[2] == 3 and np.ptp(picture) > 0


def test_each_split_has_other_pictures(monkeypatch):
    monkeypatch.setattr(synthetic_pictures.pictures, "__defaults__", (4, 0))
    splits = [dataset("synthetic-pictures").read(split, Sources()) for split in ("train", "validation", "test")]
    assert len({raw.sha256 for raw in splits}) == 3
    assert all(raw.labels is None and len(raw.inputs) == 4 for raw in splits)
