"""Drawings and images that are read as ink, and inputs that are refused with one sentence."""

import numpy as np
import pytest
from PIL import Image

from models.errors import BadInput, TooLarge
from models.inputs import ink, picture, strokes
from models.processors.ink import Ink
from tests.conftest import encoded

SEVEN = [[[86, 66], [190, 64], [128, 228]]]


def seven(paper=255, line=0) -> np.ndarray:
    """A drawn seven as grey pixels, uint8 (280, 280)."""
    drawn = ink.read(SEVEN).ink
    return np.round(paper + (line - paper) * drawn.astype(float)).astype(np.uint8)


def net_input(raw) -> np.ndarray:
    return Ink().process(ink.read(raw))["x"][0]


EXPECTED = net_input(SEVEN)


def close(raw, tolerance=0.06) -> bool:
    return float(np.abs(net_input(raw) - EXPECTED).mean()) < tolerance


def test_a_stroke_has_the_width_of_the_pen_and_a_tap_is_a_dot():
    line = strokes.draw(strokes.segments_of([np.array([[40.0, 140.0], [240.0, 140.0]])], 18), 18)
    assert line[:, 140].sum() == pytest.approx(18, abs=0.6)
    dot = strokes.draw(strokes.segments_of([np.array([[140.0, 140.0]])], 18), 18)
    assert dot.sum() == pytest.approx(np.pi * 81, rel=0.02)


@pytest.mark.parametrize(
    "raw",
    [
        seven(),
        seven(paper=0, line=255),
        seven(paper=230, line=40),
        seven()[..., None],
        np.repeat(seven()[..., None], 3, axis=2),
        seven() / 255.0,
        Image.fromarray(seven()),
        Image.fromarray(seven()).convert("CMYK"),
        Image.fromarray(seven()).convert("P"),
        Image.fromarray(seven()).convert("1"),
        Image.fromarray(seven().astype(np.uint16) * 257),
        Image.fromarray(seven().astype(np.int32)),
        Image.fromarray((seven() / 255).astype(np.float32)),
        encoded(Image.fromarray(seven()), "PNG"),
        encoded(Image.fromarray(seven()), "JPEG", quality=60),
        encoded(Image.fromarray(seven()), "WEBP"),
        encoded(Image.fromarray(seven()).resize((1900, 1900)), "JPEG"),
        {"strokes": SEVEN, "pen": 18},
    ],
)
def test_every_form_of_a_drawing_gives_the_same_net_input(raw):
    assert close(raw)


@pytest.mark.parametrize("ink_colour", [(0, 0, 0), (255, 255, 255), (220, 30, 30)])
def test_transparent_pixels_are_paper_for_any_ink(ink_colour):
    rgba = np.zeros((280, 280, 4), np.uint8)
    rgba[..., :3] = ink_colour
    rgba[..., 3] = 255 - seven()
    assert close(rgba)
    assert close({"background": None, "layers": [], "composite": Image.fromarray(rgba)})


def test_a_photo_with_shadow_and_noise_is_read():
    rng = np.random.default_rng(0)
    shadow = np.linspace(210, 150, 280)[None, :] + np.linspace(20, -20, 280)[:, None]
    photo = np.clip(shadow * (1 - 0.8 * ink.read(SEVEN).ink) + rng.normal(0, 5, (280, 280)), 0, 255).astype(np.uint8)
    assert close(photo, 0.08)


def test_a_rotated_phone_photo_is_corrected_with_a_note():
    image = Image.fromarray(seven()).rotate(90, expand=True)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright; rotate by 90 degrees clockwise
    raw = encoded(image, "JPEG", exif=exif)
    assert close(raw)
    assert ink.read(raw).notes == ("The photo was rotated to its upright position.",)


def test_the_first_frame_of_an_animation_is_read_with_a_note():
    frames = [Image.fromarray(seven()), Image.fromarray(255 - seven())]
    raw = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert close(raw)
    assert ink.read(raw).notes == ("Only the first frame of this animation was read.",)


@pytest.mark.parametrize(
    "raw, word",
    [
        (b"", "empty"),
        (b"%PDF-1.7 not an image", "not an image in a supported format"),
        (encoded(Image.fromarray(seven()), "PNG")[:300], "damaged"),
        (encoded(Image.fromarray(seven()), "JPEG")[:700], "damaged"),
        (np.full((280, 280), 255, np.uint8), "blank"),
        (np.zeros((1, 1), np.uint8), "blank"),
        (np.zeros((280, 280, 4), np.uint8), "blank"),
        ([], "blank"),
        ([[]], "blank"),
        (None, "no drawing"),
        (np.full((28, 28), np.nan), "NaN"),
        (np.zeros((2, 3, 4, 5)), "shape"),
        ([[[1, 2], [3]]], "finite numbers"),
        ([[[1, float("nan")]]], "finite numbers"),
        ([[[1, float("inf")]]], "finite numbers"),
        ([["a", "b"]], "finite numbers"),
        ([None], "finite numbers"),
        ({"strokes": "/etc/passwd"}, "Strokes must be a list"),
        ({"strokes": SEVEN, "pen": "wide"}, "The pen width is"),
        ({"strokes": SEVEN, "pen": -1}, "The pen width is"),
        ({"strokes": SEVEN, "pen": 10**400}, "The pen width is"),
        ({"strokes": SEVEN, "pen": -(10**5000)}, "The pen width is"),
        ({"strokes": SEVEN, "pen": "18"}, "The pen width is"),
        ({"strokes": SEVEN, "pen": True}, "The pen width is"),
        ([[["1", "2"]]], "finite numbers"),
        ([[[True, 2]]], "finite numbers"),
        ([[[10**400, 2]]], "finite numbers"),
        (42, "must be an image or strokes"),
    ],
)
def test_unreadable_input_is_refused_with_one_sentence(raw, word):
    with pytest.raises(BadInput) as refused:
        net_input(raw)
    assert word in str(refused.value)
    assert "\n" not in str(refused.value)


def test_too_large_inputs_are_refused_before_decoding(monkeypatch):
    with pytest.raises(TooLarge):
        ink.read([[[1, 1]] * (ink.MAX_POINTS + 1)])
    with pytest.raises(TooLarge):
        ink.read(b"x" * (picture.MAX_BYTES + 1))
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    huge = b"BM" + bytes(8) + (54).to_bytes(4, "little") + (40).to_bytes(4, "little")
    huge += (60_000).to_bytes(4, "little") * 2 + (1).to_bytes(2, "little") + (24).to_bytes(2, "little") + bytes(24)
    with pytest.raises(TooLarge, match="3,600,000,000 pixels"):
        ink.read(huge)


def test_the_cost_of_a_drawing_is_bounded():
    diagonals = [[[0, 0], [280, 280]] * 1_000]
    with pytest.raises(TooLarge, match="long lines"):
        ink.read({"strokes": diagonals, "pen": 100})
    wave = [[140 + 100 * np.sin(i / 9), 140 + 100 * np.cos(i / 7)] for i in range(5_000)]
    assert ink.read({"strokes": [wave], "pen": 18}).ink.max() == 1  # five minutes of scribbling


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadInput, match=r"nothing\.png"):
        ink.read(tmp_path / "nothing.png")


def test_the_image_of_the_caller_is_not_changed():
    image = Image.fromarray(seven()).resize((2000, 2000))
    first, second = ink.read(image), ink.read(image)
    assert image.size == (2000, 2000) and first.scale == second.scale


def test_strokes_beyond_the_pad_are_moved_with_a_note():
    moved = ink.read({"strokes": [[[x + 20, y + 140] for x, y in SEVEN[0]]], "pen": 18})
    assert np.abs(Ink().process(moved)["x"][0] - EXPECTED).mean() < 0.02
    assert moved.notes == ("The drawing reaches beyond its 280 px canvas; it was moved to fit.",)
    assert moved.scale == 1 and moved.origin[0] == 0
    grid, expected = Ink().places(moved), Ink().places(ink.read(SEVEN))
    assert grid.top == pytest.approx(expected.top + 140, abs=8) and grid.left == pytest.approx(
        expected.left + 20, abs=8
    )
    assert ink.read(SEVEN).notes == ()


@pytest.mark.parametrize("offset", [0, -900, 5_000])
@pytest.mark.parametrize("factor", [2, 4, 20])
def test_strokes_larger_than_the_pad_are_scaled_with_a_note(factor, offset):
    larger = [[[x * factor + offset, y * factor + offset] for x, y in SEVEN[0]]]
    for raw in (larger, {"strokes": larger, "pen": min(100, 18 * factor)}):
        read = ink.read(raw)
        assert np.abs(Ink().process(read)["x"][0] - EXPECTED).mean() < 0.06
        assert read.notes == ("The drawing reaches beyond its 280 px canvas; it was scaled to fit.",)


@pytest.mark.parametrize("size", [280, 1_000, [900, 1_000], 100])
def test_strokes_of_another_canvas_are_scaled_by_its_size(size):
    side = max(size) if isinstance(size, list) else size
    strokes = [[[x * side / 280, y * side / 280] for x, y in SEVEN[0]]]
    read = ink.read({"strokes": strokes, "pen": 18 * side / 280, "size": size})
    assert np.abs(Ink().process(read)["x"][0] - EXPECTED).max() < 1e-3 and read.notes == ()
    assert ink.read({"strokes": strokes, "size": size}).pen == 18
    assert Ink().places(read).height == pytest.approx(Ink().places(ink.read(SEVEN)).height * side / 280, rel=0.01)


@pytest.mark.parametrize("size", [0, -1, "large", True, float("nan"), [100], 1e9])
def test_an_impossible_size_of_the_canvas_is_refused(size):
    with pytest.raises(BadInput, match="canvas of 1 to 100,000 pixels"):
        ink.read({"strokes": SEVEN, "size": size})


def test_coordinates_too_far_away_are_refused():
    with pytest.raises(BadInput, match="beyond 1,000,000"):
        ink.read([[[1e300, 0], [-1e300, 5]]])
