"""Opening foreign images: whatever is broken in them is one kind of error, and large ones stay cheap and true."""

import io
import random
import struct
import time
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image

from models.errors import BadInput
from models.inputs import ink
from models.inputs.picture import open_image
from models.processors.ink import Ink

GREY = np.tile(np.arange(0, 256, 8, dtype=np.uint8), (24, 1))


def encoded(image: Image.Image, format: str, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "PPM"])
def test_flipped_bytes_are_a_bad_input_and_nothing_else(format):
    options = {"exif": turned()} if format in ("PNG", "JPEG", "WEBP", "TIFF") else {}
    whole = encoded(Image.fromarray(GREY), format, **options)
    rng = random.Random(0)
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(rng.choice((1, 1, 2, 8))):
            data[rng.randrange(min(len(data), rng.choice((64, 256, 4096))))] = rng.randrange(256)
        with suppress(BadInput):
            open_image(bytes(data))


def test_damaged_exif_leaves_the_photo_as_it_lies(monkeypatch):
    def broken(self):
        raise struct.error("unpack requires a buffer of 4 bytes")

    monkeypatch.setattr(Image.Image, "getexif", broken)
    image, size, notes = open_image(encoded(Image.fromarray(GREY), "PNG", exif=turned()))
    assert image.size == size == (32, 24) and notes == ()


def test_sixteen_bits_of_many_pixels_are_averaged_down_first():
    values = np.zeros((4000, 6000), np.uint16)
    values[:, 3000:] = 65535
    start = time.perf_counter()
    image, size, _ = open_image(Image.fromarray(values))
    assert time.perf_counter() - start < 2
    pixels = np.asarray(image)
    assert size == (6000, 4000) and image.size == (1024, 683) and image.mode == "L"
    assert (pixels[:, :510] == 0).all() and (pixels[:, 514:] == 255).all()


@pytest.mark.parametrize("side", [200, 2000])
@pytest.mark.parametrize("mode, paper", [("L", 0), ("RGB", (0, 0, 0)), ("1", 0)])
def test_a_colour_that_means_transparent_is_paper(mode, paper, side):
    image = Image.new(mode, (side, side), paper)
    image.paste(255 if mode != "RGB" else (255, 255, 255), (side // 4, side // 4, side // 2, side // 2))
    opened, _, _ = open_image(encoded(image, "PNG", transparency=paper))
    assert opened.mode == "RGBA"
    alpha = np.asarray(opened)[..., 3]
    assert alpha[0, 0] == 0 and alpha[opened.height * 3 // 8, opened.width * 3 // 8] == 255


@pytest.mark.parametrize("options", [{}, {"exif": turned()}])
def test_places_are_in_pixels_of_the_upright_original(options):
    image = Image.new("L", (4000, 3000), 255)
    image.paste(0, (1000, 1000, 1400, 2200))  # upright as it lies, lying once it is turned
    grid = Ink().places(ink.read(encoded(image, "JPEG", **options)))
    box = 1200 / 20  # pixels of the original for one of the net's
    assert grid.width == pytest.approx(28 * box, rel=0.05)
    middle = (3000 - 1600, 1200) if options else (1200, 1600)
    assert grid.left + grid.width / 2 == pytest.approx(middle[0], abs=box)
    assert grid.top + grid.height / 2 == pytest.approx(middle[1], abs=box)
