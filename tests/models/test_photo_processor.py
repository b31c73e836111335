"""From a picture to a photo net's input.

All of the photo, the same alone and in a batch, and places in the original's pixels.
"""

import json

import numpy as np
import pytest
from PIL import Image

from models import processors
from models.inputs import picture
from models.processors.photo import Photo


def photo(width: int = 300, height: int = 100) -> picture.Picture:
    """Red on the left third, blue on the rest."""
    image = Image.new("RGB", (width, height), (0, 0, 255))
    image.paste((255, 0, 0), (0, 0, width // 3, height))
    return picture.read(image)


def test_the_whole_photo_is_resized_to_the_square():
    x = Photo(size=90).process(photo())["x"]
    assert x.shape == (3, 90, 90) and x.dtype == np.uint8
    assert (x[:, :, :28] == np.array([255, 0, 0])[:, None, None]).all()
    assert (x[:, :, 32:] == np.array([0, 0, 255])[:, None, None]).all()


def test_a_batch_of_photos_equals_single_photos():
    processor, photos = Photo(size=32), [photo(), photo(50, 400), photo(1024, 1000)]
    batch = processor.process_batch(photos)["x"]
    assert batch.shape == (3, 3, 32, 32)
    assert all(np.array_equal(row, processor.process(p)["x"]) for row, p in zip(batch, photos, strict=True))


def test_the_evidence_covers_the_upright_original():
    large = picture.read(Image.effect_noise((3000, 1500), 80))
    grid = Photo().places(large)
    assert max(large.rgb.shape) < 3000
    assert (grid.rows, grid.columns, grid.left, grid.top, grid.width, grid.height) == (7, 7, 0, 0, 3000, 1500)


def test_the_stages_are_pictures():
    first, last = Photo(size=64).stages(photo(900, 300))
    assert first.image.shape == (107, 320, 3) and last.image.shape == (64, 64, 3)
    assert "64 x 64" in last.sentence


def test_the_processor_survives_the_round_trip_through_json():
    processor = Photo(size=96, cells=3)
    assert processors.from_dict(json.loads(json.dumps(processor.to_dict()))) == processor


@pytest.mark.parametrize("numbers", [{"size": 0}, {"size": 5000}, {"cells": 300}, {"size": "224"}, {"cells": 0}])
def test_impossible_sizes_are_refused(numbers):
    with pytest.raises(ValueError, match="whole numbers"):
        Photo(**numbers)
