"""The generated photos of paper: the same each time, from writers of their own split, and labelled like the strokes."""

import io

import numpy as np
from PIL import Image

from training.data import dataset
from training.data.dataset import DEFAULT


def opened(jpeg: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("L"), np.float32)


def test_a_photo_is_the_same_each_time_and_no_two_are_the_same():
    photos = dataset("digits-paper").read("test", DEFAULT).inputs
    assert len(photos) == 1_000
    assert photos[3] == photos[3] and photos[3] != photos[4]
    assert photos[:2] == [photos[0], photos[1]]


def test_photos_of_a_split_show_its_own_digits():
    strokes = {split: dataset("unipen-digits").read(split, DEFAULT) for split in ("validation", "test")}
    for split, whole in strokes.items():
        raw = dataset("digits-paper").read(split, DEFAULT)
        digits = {b"".join(stroke.tobytes() for stroke in drawing["strokes"]) for drawing in whole.inputs}
        shown = {b"".join(stroke.tobytes() for stroke in drawing) for drawing in raw.inputs.drawings}
        assert shown <= digits and len(raw.inputs) == len(raw.labels) == 1_000
    assert len(dataset("digits-paper").read("train", DEFAULT).inputs) > 1_000


def test_an_empty_sheet_has_no_label_and_is_lighter_than_ink():
    raw = dataset("paper-empty").read("test", DEFAULT)
    assert raw.labels is None and len(raw.inputs) == 300
    grey = opened(raw.inputs[0])
    assert min(grey.shape) >= 420 and np.median(grey) > 80


def test_the_ink_stands_out_where_it_is_written():
    photos = dataset("digits-paper").read("test", DEFAULT).inputs
    spread = [np.ptp(opened(photos[index])[100:-100, 60:-60]) for index in range(6)]
    assert min(spread) > 25
