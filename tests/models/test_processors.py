"""Every processor implements `Processor`; the default ones survive the round trip through JSON."""

import numpy as np
import pytest

from models import processors
from models.processors.base import Processor
from models.processors.characters import Characters
from models.processors.ink import Ink
from models.processors.photo import Photo
from models.processors.words import Words


@pytest.mark.parametrize(
    "processor", [Ink(), Photo(), Characters("ab"), Words("a b")], ids=lambda p: p.to_dict()["name"]
)
def test_every_processor_implements_the_protocol(processor):
    assert isinstance(processor, Processor)
    assert processors.from_dict(processor.to_dict()) == processor


@pytest.mark.parametrize("processor", [Ink(), Photo()], ids=["ink", "photo"])
def test_processors_of_images_have_nothing_to_fit(processor):
    assert processor.fit(iter(())) is processor
    assert processor.sizes() == {} and len(processor.known()) == 0


def test_each_occlusion_of_a_photo_greys_one_cell():
    photo = Photo(size=9, cells=3)
    occluded, places = photo.occlusions({"x": np.zeros((3, 9, 9), np.uint8)})
    assert places.tolist() == list(range(9)) and occluded["x"].shape == (9, 3, 9, 9)
    assert (occluded["x"][5, :, 3:6, 6:9] == 127).all() and (occluded["x"] > 0).sum() == 9 * 3 * 9


def test_long_texts_and_many_cells_are_refused_before_they_take_memory():
    with pytest.raises(ValueError):
        Characters(vocabulary="abc", limit=10_000)
    with pytest.raises(ValueError):
        Words(vocabulary="a b", limit=10_000)
    with pytest.raises(ValueError):
        Photo(size=1_024, cells=1_024)
