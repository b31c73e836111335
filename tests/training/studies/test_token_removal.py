"""Removing parts of processed inputs equals processing the changed inputs."""

import numpy as np
import pytest

from models.errors import ZooError
from models.processors.base import Processor
from models.processors.characters import Characters
from models.processors.garment import Garment
from models.processors.ink import Ink
from models.processors.photo import Photo
from models.processors.words import Words
from training.studies.token_removal import baseline_name, baseline_order, removable, remove, unit_name

WORDS = Words(vocabulary="the a film it is not bad", buckets=1_000)


def processed(text: str, processor: Processor = WORDS) -> dict[str, np.ndarray]:
    return processor.process(processor.read(text))


def test_removed_words_are_unknown_words():
    removed = remove(WORDS, processed("it is not bad"), np.array([0, 3]))
    assert all(np.array_equal(removed[name], array) for name, array in processed("? is not ?").items())


def test_the_baseline_removes_the_rarest_words_first():
    assert baseline_order(WORDS, processed("the zyx film is bad")).tolist() == [1, 4, 3, 2, 0]
    assert baseline_name(WORDS) == "the rarest words"


def test_the_baseline_removes_the_last_letters_first():
    letters = Characters("abc")
    assert baseline_order(letters, processed("abcab", letters)).tolist() == [4, 3, 2, 1, 0]
    assert baseline_name(letters) == "the last letters"


def test_the_baseline_removes_the_darkest_pixels_first():
    x = np.zeros((1, 28, 28), np.float32)
    x[0, 3, [4, 5, 6]] = 0.5, 1.0, 0.05
    assert removable(Ink(), {"x": x}).tolist() == [3 * 28 + 4, 3 * 28 + 5]
    assert baseline_order(Ink(), {"x": x}).tolist() == [3 * 28 + 5, 3 * 28 + 4]
    assert remove(Ink(), {"x": x}, np.array([3 * 28 + 5]))["x"].sum() == np.float32(0.55)


def test_the_baseline_removes_the_lightest_cloth_first():
    x = np.zeros((1, 28, 28), np.float32)
    x[0, 3, [4, 5]] = 0.5, 1.0
    assert baseline_order(Garment(), {"x": x}).tolist() == [3 * 28 + 5, 3 * 28 + 4]
    assert remove(Garment(), {"x": x}, np.array([3 * 28 + 5]))["x"].sum() == np.float32(0.5)
    assert (unit_name(Garment()), baseline_name(Garment())) == ("pixels of the garment", "the lightest pixels")
    assert unit_name(Ink()) is None and unit_name(WORDS) == "words"


def test_removal_refuses_photos():
    with pytest.raises(ZooError, match="drawings, clothes, texts and fields"):
        removable(Photo(), {"x": np.zeros((3, 224, 224), np.uint8)})
