"""The normalisation of MNIST: what it keeps, what it removes, and its notes."""

import json

import numpy as np
import pytest

from models import processors
from models.errors import BadInput
from models.inputs import ink
from models.processors.ink import Ink
from models.tasks.digits import DRAWINGS

processor = Ink()


def drawing(name: str) -> ink.Drawing:
    return ink.read(DRAWINGS[name])


def moved(strokes, dx=0.0, dy=0.0, scale=1.0):
    return [[[140 + (x - 140) * scale + dx, 140 + (y - 140) * scale + dy] for x, y in stroke] for stroke in strokes]


def test_a_normalised_image_is_unchanged():
    """A 20 px box with its centre of mass in the middle, like the images of MNIST, is already normalised."""
    image = np.zeros((1, 28, 28), np.float32)
    image[0, 4:24, 10:13] = 1  # 20 x 3 px, mass at row 13.5 and column 11
    image[0, 4:7, 10:25] = 0.5
    once = processor.normalise(image)
    np.testing.assert_allclose(processor.normalise(once), once, atol=1e-6)


@pytest.mark.data
def test_mnist_images_are_nearly_unchanged(data):
    """Of the 10,000 test images, 99.9% change only in that the brightest pixel becomes 1."""
    from training.data import mnist
    from training.data.dataset import Sources

    images = np.asarray(mnist.DATASETS[0].read("test", Sources(data)).inputs, np.float32) / 255
    difference = np.abs(processor.normalise(images) - images).max(axis=(1, 2))
    assert (difference < 0.01).mean() > 0.999


@pytest.mark.parametrize("name", DRAWINGS)
def test_position_and_size_of_a_drawing_do_not_matter(name):
    x = processor.process(drawing(name))["x"]
    shifted = processor.process(ink.read(moved(DRAWINGS[name], dx=30, dy=-20)))["x"]
    smaller = processor.process(ink.read(moved(DRAWINGS[name], scale=0.6), pen=18 * 0.6))["x"]
    assert np.abs(x - shifted).mean() < 0.01
    assert np.abs(x - smaller).mean() < 0.04


def test_the_longer_side_is_twenty_pixels_and_the_mass_is_in_the_middle():
    for name in DRAWINGS:
        x = processor.process(drawing(name))["x"][0]
        rows, columns = np.flatnonzero((x > 0.15).any(axis=1)), np.flatnonzero((x > 0.15).any(axis=0))
        assert 19 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 21
        index = np.arange(28)
        assert abs((x.sum(axis=1) @ index) / x.sum() - 14) < 0.7
        assert abs((x.sum(axis=0) @ index) / x.sum() - 14) < 0.7


def test_a_batch_gives_the_same_arrays_as_single_inputs():
    drawings = [drawing(name) for name in DRAWINGS] + [ink.read(np.kron(np.eye(9), np.ones((4, 5))))]
    batch = processor.process_batch(drawings)["x"]
    single = processor.collate([processor.process(raw) for raw in drawings])["x"]
    assert batch.shape == (11, 1, 28, 28) and batch.dtype == np.float32
    np.testing.assert_array_equal(batch, single)


@pytest.mark.parametrize("name", DRAWINGS)
def test_one_character_in_two_strokes_is_one(name):
    assert processor.notes(drawing(name)) == ()


def test_an_i_with_a_dot_is_one_character_and_two_digits_are_two():
    dotted = ink.read([[[140, 110], [140, 220]], [[140, 60], [141, 61]]])
    assert processor.notes(dotted) == ()
    left, right = moved(DRAWINGS["three"], dx=-70, scale=0.6), moved(DRAWINGS["seven"], dx=70, scale=0.6)
    assert "more than one" in processor.notes(ink.read(left + right))[0]
    above, below = moved(DRAWINGS["one"], dy=-75, scale=0.4), moved(DRAWINGS["zero"], dy=75, scale=0.4)
    assert "more than one" in processor.notes(ink.read(above + below))[0]


def test_the_last_stage_is_the_net_input():
    stages = processor.stages(drawing("four"))
    x = processor.process(drawing("four"))["x"][0]
    np.testing.assert_array_equal(stages[-1].image, np.round(255 - 255 * x).astype(np.uint8))
    assert all(stage.title and stage.sentence for stage in stages)


def test_the_grid_covers_the_drawing():
    grid = processor.places(drawing("two"))
    assert grid.left < 92 and grid.left + grid.width > 196 and grid.top < 52 and grid.top + grid.height > 222


def test_the_processor_survives_the_round_trip_through_json():
    assert processors.from_dict(json.loads(json.dumps(processor.to_dict()))) == processor


def test_blank_is_refused():
    with pytest.raises(BadInput, match="blank"):
        processor.normalise(np.zeros((2, 28, 28), np.float32))
