"""From a picture of a garment to what Fashion-MNIST holds: cut out of a light or dark ground, grey, on black."""

import json

import numpy as np
import pytest
from PIL import Image, ImageDraw

from models import catalog, load, processors
from models.errors import BadInput
from models.evidence import Grid
from models.inputs.cutout import cut_out
from models.processors.garment import NOT_PLAIN, OUTLINE, Garment

SHIRT = [
    (90, 60),
    (210, 60),
    (270, 120),
    (240, 150),
    (210, 125),
    (210, 330),
    (90, 330),
    (90, 125),
    (60, 150),
    (30, 120),
]


def photo(ground=(230, 228, 224), cloth=(50, 70, 120), noise=3.0, slope=20.0, seed=0) -> np.ndarray:
    """A T-shirt of 300 x 400 pixels on a ground that is lit from one side."""
    image = Image.new("RGB", (300, 400), ground)
    ImageDraw.Draw(image).polygon(SHIRT, fill=cloth)
    values = np.asarray(image).astype(float) - slope * np.linspace(0, 1, 300)[None, :, None]
    values += np.random.default_rng(seed).normal(0, noise, values.shape)
    return np.clip(values, 0, 255).astype(np.uint8)


def net_input(raw) -> np.ndarray:
    processor = Garment()
    return processor.process(processor.read(raw))["x"][0]


def silhouette() -> np.ndarray:
    """The same T-shirt as Fashion-MNIST would hold it, bool (28, 28)."""
    mask = Image.new("L", (300, 400), 0)
    ImageDraw.Draw(mask).polygon(SHIRT, fill=255)
    cropped = mask.crop(mask.getbbox())
    height = 28 * cropped.height // max(cropped.size)
    width = round(28 * cropped.width / max(cropped.size))
    square = Image.new("L", (28, 28), 0)
    square.paste(cropped.resize((width, height), Image.Resampling.BOX), ((28 - width) // 2, (28 - height) // 2))
    return np.asarray(square) > 127


def test_a_picture_of_28_pixels_is_taken_as_it_is():
    picture = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    np.testing.assert_allclose(net_input(picture), picture / 255, atol=1e-6)


def test_one_on_white_is_inverted():
    picture = np.full((28, 28), 255, np.uint8)
    picture[5:20, 8:20] = 30
    np.testing.assert_allclose(net_input(picture), 1 - picture / 255, atol=1e-6)


@pytest.mark.parametrize(
    ("ground", "cloth", "grey"),
    [
        ((230, 228, 224), (50, 70, 120), 0.72),  # dark on light: light on black
        ((240, 240, 240), (190, 60, 60), 0.6),
        ((25, 25, 30), (200, 190, 180), 0.75),  # light on dark stays light
        ((40, 60, 45), (160, 160, 90), 0.6),
        ((205, 205, 208), (250, 250, 250), 0.05),  # white on light grey: nearly black, as in Fashion-MNIST
    ],
)
def test_a_garment_on_a_plain_ground_is_cut_out(ground, cloth, grey):
    x = net_input(photo(ground, cloth))
    assert x.shape == (28, 28) and x.dtype == np.float32
    inside = silhouette()
    if grey > 0.1:
        assert (x > 0.15)[inside].mean() > 0.97 and (x > 0.15)[~inside].mean() < 0.08
    assert float(np.median(x[inside])) == pytest.approx(grey, abs=0.1)
    assert x.min() == 0 and float(x[0, 0]) == 0


def test_the_ground_is_found_on_noise_shading_and_a_garment_that_touches_the_edge():
    picture = photo(noise=8, slope=60)[60:330]  # collar and hem at the edge
    found = cut_out(picture.astype(np.float32) / 255)
    assert found.is_plain and not found.hollow
    mask = Image.new("L", (300, 400), 0)
    ImageDraw.Draw(mask).polygon(SHIRT, fill=255)
    assert (found.mask == (np.asarray(mask)[60:330] > 0)).mean() > 0.98


def test_an_outline_is_filled_with_grey_and_says_so():
    image = Image.new("L", (300, 400), 255)
    ImageDraw.Draw(image).line([*SHIRT, SHIRT[0]], fill=0, width=5)
    processor = Garment()
    drawing = processor.read(image)
    x = processor.process(drawing)["x"][0]
    assert processor.notes(drawing) == (OUTLINE,)
    assert (x > 0.4)[silhouette()].mean() > 0.95 and (x > 0.4)[~silhouette()].mean() < 0.08


def test_a_ground_that_is_not_plain_gets_a_note_and_the_whole_picture_is_used():
    noise = np.random.default_rng(0).integers(0, 256, (120, 90, 3), dtype=np.uint8)
    processor = Garment()
    read = processor.read(noise)
    assert processor.notes(read) == (NOT_PLAIN,)
    assert (processor.process(read)["x"][0] > 0).mean() == pytest.approx(0.75, abs=0.02)
    assert any(NOT_PLAIN in stage.sentence for stage in processor.stages(read))


@pytest.mark.parametrize("speck", [0, 3])
def test_a_ground_without_a_garment_is_refused(speck):
    picture = photo(cloth=(230, 228, 224))
    picture[100 : 100 + speck, 100 : 100 + speck] = 0
    with pytest.raises(BadInput, match="No garment"):
        net_input(picture)


def test_the_evidence_lies_on_the_garment_in_pixels_of_the_original():
    processor = Garment()
    grid = processor.places(processor.read(photo()))
    assert isinstance(grid, Grid) and grid.shape == (28, 28)
    assert grid.top == pytest.approx(60, abs=3) and grid.height == pytest.approx(271, abs=6)
    assert grid.left + grid.width / 2 == pytest.approx(150, abs=8)
    large = processor.places(processor.read(Image.fromarray(photo()).resize((1500, 2000))))
    assert large.height == pytest.approx(5 * grid.height, rel=0.05)


def test_the_stages_lead_from_the_picture_to_28_pixels():
    processor = Garment()
    stages = processor.stages(processor.read(photo()))
    assert [stage.title for stage in stages] == ["Your picture", "Cut out", "Grey", "What the net sees"]
    assert stages[-1].image.shape == (28, 28) and all(stage.image.dtype == np.uint8 for stage in stages)


def test_a_batch_equals_single_pictures_and_occlusions_remove_windows():
    processor = Garment()
    read = [processor.read(photo(seed=seed)) for seed in (0, 1)]
    batch = processor.process_batch(read)
    assert np.array_equal(batch["x"], np.stack([processor.process(each)["x"] for each in read]))
    without, spots = processor.occlusions(processor.process(read[0]))
    assert len(without["x"]) == len(spots) > 100 and (without["x"].sum(axis=(1, 2, 3)) < batch["x"][0].sum()).all()


def test_it_survives_the_round_trip_and_refuses_an_impossible_size():
    assert processors.from_dict(json.loads(json.dumps(Garment().to_dict()))) == Garment()
    for size in (0, 1000, "28"):
        with pytest.raises(ValueError, match="size"):
            Garment(size)


@pytest.mark.parametrize("shape", [(1, 2), (2, 500), (500, 3), (29, 28), (4, 4)])
def test_pictures_of_any_shape_are_answered_or_refused(shape):
    picture = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    processor = Garment()
    read = processor.read(picture)
    try:
        x = processor.process(read)["x"]
    except BadInput:
        return
    assert np.isfinite(x).all() and x.min() >= 0 and x.max() <= 1
    assert processor.places(read).shape == (28, 28) and processor.stages(read)


def on_a_ground(picture: np.ndarray, light: bool) -> np.ndarray:
    """A picture of Fashion-MNIST as a photo of 400 pixels on a light or a dark ground."""
    large = Image.fromarray(picture).resize((280, 280), Image.Resampling.BICUBIC)
    shape = Image.fromarray(np.where(picture > 8, 255, 0).astype(np.uint8)).resize((280, 280), Image.Resampling.BICUBIC)
    grey = np.asarray(large) / 255
    ground = Image.new("L", (400, 400), 225 if light else 20)
    cloth = Image.fromarray(np.round(255 * (1 - 0.9 * grey if light else 0.1 + 0.9 * grey)).astype(np.uint8))
    ground.paste(cloth, (60, 60), shape.point(lambda value: 255 * (value > 127)))
    return np.asarray(ground)


@pytest.mark.parametrize("light", [True, False])
@pytest.mark.parametrize("example", catalog.task("clothes").examples[3:], ids=lambda example: example.title)
def test_a_model_gives_the_same_answer_to_a_photo_on_any_ground(example, light):
    predictor = load("fashion-cnn")
    picture = predictor.read(example.raw).rgb[..., 0]
    assert predictor.predict(on_a_ground(picture, light)).best == predictor.predict(example.raw).best


def test_an_outline_is_a_bag_or_none_of_these():
    outline = catalog.task("clothes").examples[2]
    assert load("fashion-cnn").predict(outline.raw).label in ("bag", None)
