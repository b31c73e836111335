"""Photos of paper: the character is read under any light and on any paper, and an empty sheet is refused."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

import models
from models.errors import BadInput
from models.inputs import ink, paper
from models.inputs.regions import regions
from models.inputs.strokes import draw, segments_of
from models.processors.ink import Ink
from tests.conftest import encoded

SEVEN = np.float64([[86, 66], [190, 64], [128, 228]])
WIDTH, HEIGHT = 420, 560
EXPECTED = Ink().process(ink.read([SEVEN.tolist()]))["x"][0]
Y, X = np.mgrid[:HEIGHT, :WIDTH]


def sheet(written: bool, pen: float = 4, grey: float = 235, dark: float = 60) -> np.ndarray:
    """A sheet of one grey, float (HEIGHT, WIDTH), perhaps with a thin seven."""
    if not written:
        return np.full((HEIGHT, WIDTH), grey)
    line = draw(segments_of([SEVEN * 1.2 + [40, 100]], pen, HEIGHT), pen, HEIGHT)[:, :WIDTH]
    return grey + (dark - grey) * line.astype(float)


def corner_shadow(depth: float, soft: float) -> np.ndarray:
    edge = Image.fromarray(((X + 0.8 * Y < 300) * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(soft))
    return 1 - depth * np.asarray(edge, float) / 255


def vignette(depth: float) -> np.ndarray:
    return 1 - depth * (((X - 210) / 420) ** 2 + ((Y - 280) / 560) ** 2) * 2


def fold() -> np.ndarray:
    return np.where(Y > 300, 0.91, 1) * np.where(np.abs(Y - 300) < 2, 0.85, 1)


def ruled(pitch: int, squared: bool = False) -> np.ndarray:
    lines = np.where(Y % pitch == 5, 0.8, 1)
    return lines * np.where(X % pitch == 5, 0.8, 1) if squared else lines


def blotch(wide: float, long: float, depth: float) -> np.ndarray:
    """A soft dark place as of a finger's shadow or a stain; wide, long: standard deviations in pixels."""
    return 1 - depth * np.exp(-((((X - 330) / wide) ** 2 + ((Y - 480) / long) ** 2) / 2))


def hole(photo: np.ndarray) -> np.ndarray:
    return np.where((X - 30) ** 2 + (Y - 140) ** 2 < 13**2, 60, photo)


def table(photo: np.ndarray, grey: float) -> np.ndarray:
    edge = 40 + (Y - 280) * 0.03
    return np.where(edge > X, grey + 6 * np.sin(Y / 3), np.where(edge + 5 > X, 0.9 * photo, photo))


CASES = {
    "plain": lambda photo: photo,
    "shadow of 15%": lambda photo: photo * corner_shadow(0.15, 25),
    "shadow of 25%": lambda photo: photo * corner_shadow(0.25, 12),
    "hard shadow": lambda photo: photo * corner_shadow(0.25, 1.5),
    "vignette": lambda photo: photo * vignette(0.4),
    "uneven light": lambda photo: photo * (1 - 0.3 * X / WIDTH - 0.1 * np.sin(Y / 180)),
    "fold": lambda photo: photo * fold(),
    "ruled": lambda photo: photo * ruled(36),
    "squared": lambda photo: photo * ruled(22, squared=True),
    "margin line": lambda photo: photo * ruled(40) * np.where(np.abs(X - 60) < 1, 0.7, 1),
    "punch hole": hole,
    "dark table": lambda photo: table(photo, 60),
    "light table": lambda photo: table(photo, 150),
}


def photo_of(case: str, noise: float, **options) -> np.ndarray:
    photo = CASES[case](sheet(**options))
    return np.clip(photo + np.random.default_rng(0).normal(0, noise, photo.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("noise", [0, 3])
@pytest.mark.parametrize("case", [case for case in CASES if case != "punch hole"])
def test_a_thin_seven_is_read_on_any_paper(case, noise):
    read = ink.read(photo_of(case, noise, written=True))
    assert np.abs(Ink().process(read)["x"][0] - EXPECTED).mean() < 0.06


@pytest.mark.parametrize("noise", [0, 3])
@pytest.mark.parametrize("case", [case for case in CASES if case not in ("plain", "punch hole")])
def test_an_empty_sheet_is_refused(case, noise):
    with pytest.raises(BadInput, match="No character was found in this photo"):
        ink.read(photo_of(case, noise, written=False))


@pytest.mark.parametrize("noise", [2, 3, 5])
@pytest.mark.parametrize("shape", [(8, 25, 0.2), (12, 30, 0.25), (16, 60, 0.3), (40, 9, 0.4)])
def test_a_soft_dark_place_is_no_ink(shape, noise):
    random = np.random.default_rng(0)
    photos = {written: sheet(written) * blotch(*shape) + random.normal(0, noise, X.shape) for written in (True, False)}
    photos = {written: np.clip(photo, 0, 255).astype(np.uint8) for written, photo in photos.items()}
    assert np.abs(Ink().process(ink.read(photos[True]))["x"][0] - EXPECTED).mean() < 0.06
    with pytest.raises(BadInput, match="No character was found in this photo"):
        ink.read(photos[False])


def test_a_punch_hole_is_no_ink():
    """Without noise, the sheet is a drawing, whose lines are not thickened."""
    read = ink.read(photo_of("punch hole", 2, written=True))
    assert np.abs(Ink().process(read)["x"][0] - EXPECTED).mean() < 0.06
    drawn, plain = (ink.read(photo_of(case, 0, written=True)) for case in ("punch hole", "plain"))
    np.testing.assert_array_equal(drawn.ink, plain.ink)
    assert drawn.notes == (paper.MARKS,) and plain.notes == ()
    for noise in (0, 2):
        with pytest.raises(BadInput, match="No character"):
            ink.read(photo_of("punch hole", noise, written=False))


def test_a_note_says_that_the_lines_of_the_paper_were_removed():
    assert ink.read(photo_of("squared", 2, written=True)).notes == (paper.RULINGS,)
    assert ink.read(photo_of("shadow of 25%", 2, written=True)).notes == ()


def test_chalk_on_a_board_is_read():
    board = 255 - photo_of("vignette", 2, written=True)
    assert np.abs(Ink().process(ink.read(board))["x"][0] - EXPECTED).mean() < 0.06


def test_a_thick_pen_is_read_too():
    read = ink.read(photo_of("shadow of 25%", 2, written=True, pen=30))
    assert np.abs(Ink().process(read)["x"][0] - EXPECTED).mean() < 0.08


def test_ink_along_a_line_of_the_paper_is_no_line():
    """The bar of this seven joins a ruling; without it, the seven would be a one."""
    photo = sheet(written=True, pen=6) * np.where(np.abs(Y - 180) < 1, 0.85, 1) * ruled(60)
    read = ink.read(np.clip(photo + np.random.default_rng(0).normal(0, 2, photo.shape), 0, 255).astype(np.uint8))
    assert np.abs(Ink().process(read)["x"][0] - EXPECTED).mean() < 0.06


def test_a_photo_on_a_black_page_is_read_like_the_photo():
    page = np.zeros((HEIGHT, WIDTH + 200), np.uint8)
    page[:, 100:-100] = photo_of("shadow of 25%", 2, written=True)
    assert np.abs(Ink().process(ink.read(page))["x"][0] - EXPECTED).mean() < 0.06


def test_a_character_cut_off_by_the_photo_is_refused():
    photo = photo_of("shadow of 15%", 2, written=True, pen=8)
    with pytest.raises(BadInput, match="touches the edge of the photo"):
        ink.read(photo[:, 200:])


def test_a_drawing_cropped_to_its_ink_is_no_photo():
    drawn = np.round(255 * (1 - ink.read([SEVEN.tolist()]).ink)).astype(np.uint8)
    rows, columns = np.nonzero(drawn < 250)
    cropped = drawn[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    np.testing.assert_allclose(Ink().process(ink.read(cropped))["x"][0], EXPECTED, atol=0.02)


def test_regions_touch_at_corners_and_have_boxes():
    mask = np.zeros((6, 8), bool)
    mask[0, 0] = mask[1, 1] = mask[2, 0] = True
    mask[4, 2:7] = True
    mask[1:4, 6] = True
    mask[2, 4] = True
    found = regions(mask)
    assert len(found) == 3 and sorted(found.area) == [1, 3, 8]
    bent = int(np.argmax(found.area))
    box = [int(side[bent]) for side in (found.top, found.bottom, found.left, found.right)]
    assert box == [1, 5, 2, 7] and found.extent[bent] == 5
    assert (found.number[~mask] == 0).all() and (found.number[mask] > 0).all()
    assert len(regions(np.zeros((3, 3), bool))) == 0 and len(regions(np.ones((3, 3), bool))) == 1


def test_photos_of_the_data_sets_are_read():
    """A sample of the validation photos. No empty sheet is answered, and no wrong answer is given with confidence."""
    from training.data import dataset
    from training.data.dataset import DEFAULT

    model = models.load("mnist-cnn")
    raw = dataset("digits-paper").read("validation", DEFAULT)
    right = 0
    for index in range(30):
        label = str(raw.labels[index])
        try:
            answer = model.predict(raw.inputs[index])
        except BadInput:
            continue
        right += answer.label == label
        assert answer.abstained or answer.label == label or answer.probabilities[answer.label] < 0.9
    assert right >= 24
    sheets = dataset("paper-empty").read("validation", DEFAULT).inputs
    for index in range(20):
        try:
            assert model.predict(sheets[index]).abstained
        except BadInput as refused:
            assert "\n" not in str(refused)


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "PNG"])
def test_files_of_photos_are_read_as_well(form):
    raw = encoded(Image.fromarray(photo_of("shadow of 25%", 3, written=True)), form)
    assert np.abs(Ink().process(ink.read(raw))["x"][0] - EXPECTED).mean() < 0.06
