"""Opening foreign images: whatever is broken in them is one kind of error, and large ones stay cheap and true."""

import base64
import io
import random
import struct
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from models.errors import BadInput, TooLarge
from models.inputs import ink, picture
from models.inputs.picture import MAX_SIDE, open_image, read
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


def colours(side: int = 200) -> Image.Image:
    """Red on the left, green on the right, a blue bar on top."""
    image = Image.new("RGB", (side, side), (220, 30, 30))
    image.paste((30, 200, 60), (side // 2, 0, side, side))
    image.paste((20, 40, 210), (0, 0, side, side // 4))
    return image


def as_it_is(rgb: np.ndarray, off: int = 12) -> bool:
    """Whether `rgb` shows `colours`, whatever its size."""
    wanted = np.asarray(colours(), np.int16)
    spots = [(0.12, 0.5), (0.7, 0.25), (0.7, 0.75)]
    return all(
        np.abs(
            rgb[int(y * len(rgb)), int(x * rgb.shape[1])].astype(np.int16) - wanted[int(y * 200), int(x * 200)]
        ).max()
        <= off
        for y, x in spots
    )


def heic(image: Image.Image, **options) -> bytes:
    pillow_heif.register_heif_opener()
    return encoded(image, "HEIF", quality=90, **options)


ANY = {
    "png": encoded(colours(), "PNG"),
    "jpeg": encoded(colours(), "JPEG", quality=95),
    "cmyk": encoded(colours().convert("CMYK"), "JPEG", quality=95),
    "palette": encoded(colours().quantize(8), "PNG"),
    "lab": encoded(
        ImageCms.profileToProfile(colours(), *(ImageCms.createProfile(n) for n in ("sRGB", "LAB")), outputMode="LAB"),
        "TIFF",
    ),
    "opaque alpha": encoded(colours().convert("RGBA"), "PNG"),
    "webp": encoded(colours(), "WEBP", quality=95),
    "heic": heic(colours()),
    "avif": encoded(colours(), "AVIF", quality=95),
    "large": encoded(colours(5000), "JPEG", quality=95),
}


@pytest.mark.parametrize("kind", ANY)
def test_any_picture_is_read_in_its_own_colours(kind):
    picture = read(ANY[kind])
    assert picture.rgb.dtype == np.uint8 and max(picture.rgb.shape) <= MAX_SIDE
    assert as_it_is(picture.rgb) and picture.notes == ()
    assert picture.size == ((5000, 5000) if kind == "large" else (200, 200))


@pytest.mark.parametrize("bits", ["I;16", "F"])
def test_sixteen_bits_and_floats_are_grey_at_the_same_brightness(bits):
    values = np.tile(np.arange(0, 65536, 256, dtype=np.uint16), (128, 1))
    values[0, 0] = 65535
    given = encoded(Image.fromarray(values), "PNG") if bits == "I;16" else values / np.float32(65535)
    rgb = read(given).rgb
    assert np.abs(rgb[64].astype(int) - np.arange(256)[:, None]).max() <= 1


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF"])
def test_it_is_turned_the_way_it_was_taken(format):
    lying = colours().transpose(Image.Transpose.ROTATE_90)
    picture = read(encoded(lying, format, exif=turned().tobytes()))
    assert as_it_is(picture.rgb, 40) and picture.size == (200, 200)
    said = (
        () if format in ("TIFF", "HEIF") else ("The photo was rotated to its upright position.",)
    )  # turned as they are opened
    assert picture.notes == said


def test_what_is_transparent_is_white_and_it_says_so():
    image = colours().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 100, 200, 200))
    picture = read(encoded(image, "PNG"))
    assert (picture.rgb[150] == 255).all() and picture.rgb[60, 20].tolist() == [220, 30, 30]
    assert picture.notes == ("Transparent parts of this picture were read as white.",)


@pytest.mark.parametrize("format, what", [("GIF", "frame"), ("WEBP", "frame"), ("PNG", "frame"), ("TIFF", "page")])
def test_of_several_frames_the_first_is_read_and_it_says_so(format, what):
    data = encoded(colours(), format, save_all=True, append_images=[Image.new("RGB", (200, 200), "white")])
    picture = read(data)
    assert as_it_is(picture.rgb, 40) and f"Only the first {what} of this" in picture.notes[0]


def test_of_a_phones_several_pictures_the_main_one_is_read():
    data = heic(Image.new("RGB", (200, 200), "white"), save_all=True, append_images=[colours()], primary_index=1)
    assert as_it_is(read(data).rgb)


@pytest.mark.parametrize("side, word", [(1, "blank"), (20, "20 x 20 pixels")])
def test_tiny_pictures(side, word):
    try:
        said = read(encoded(colours(20).resize((side, side)), "PNG")).notes[0]
    except BadInput as error:
        said = str(error)
    assert word in said


def test_only_the_header_is_looked_at_before_the_size_is_bounded(monkeypatch):
    def decode(*_):
        pytest.fail("pixels were decoded")

    huge = {format: encoded(Image.new("L", (11_000, 8_000)), format) for format in ("PNG", "GIF")}
    huge["JPEG"] = jpeg_of_size(20_000, 15_000)
    huge["HEIF"] = header_of_heic(11_000, 8_000)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decode)
    monkeypatch.setattr("pillow_heif.as_plugin.HeifImageFile.load", decode)
    for format, data in huge.items():
        with pytest.raises(TooLarge, match="300,000,000 pixels" if format == "JPEG" else "11,000 x 8,000 = 88,000,000"):
            read(data)


def jpeg_of_size(width: int, height: int) -> bytes:
    """A small JPEG that says it is of this size."""
    data = encoded(colours(64), "JPEG")
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def header_of_heic(width: int, height: int) -> bytes:
    """A small HEIC that says it is of this size: `ispe`, the box of the sizes, is changed."""
    data = heic(colours(64))
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", width, height) + data[at + 8 :]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["heic", "avif"])
def test_flipped_bytes_of_phones_formats_are_a_bad_input_and_nothing_else(kind):
    rng = random.Random(0)
    for _ in range(150):
        data = bytearray(ANY[kind])
        for _ in range(rng.choice((1, 1, 2, 8))):
            data[rng.randrange(min(len(data), rng.choice((64, 512, 4096))))] = rng.randrange(256)
        with suppress(BadInput):
            read(bytes(data))


def test_base64_is_bounded_before_it_is_decoded(monkeypatch):
    monkeypatch.setattr(picture, "MAX_BYTES", 2**20)
    monkeypatch.setattr("base64.b64decode", None)  # would fail if it were called
    with pytest.raises(TooLarge, match="larger than 1 MB"):
        picture.decode_base64("A" * 2**22)


def test_what_is_no_picture_is_refused_in_one_sentence():
    for raw, word in [
        (None, "no picture yet"),
        ({"image": "???"}, "not base64"),
        ({"strokes": []}, "not dict"),
        ([[1, 2]], "not list"),
        (b"\0\0\0\x18ftypheic and no more", "not an image"),
        (Path("nowhere.jpg"), "nowhere.jpg"),
        (np.zeros((2, 2, 2)), "shape"),
        (encoded(colours(), "JPEG")[:1000], "damaged or truncated"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not an image"),
    ]:
        with pytest.raises(BadInput, match=word):
            read(raw)


def test_every_way_to_hand_over_a_picture_gives_the_same(tmp_path):
    data = encoded(colours(), "PNG")
    (tmp_path / "my.png").write_bytes(data)
    ways = (
        tmp_path / "my.png",
        str(tmp_path / "my.png"),
        bytearray(data),
        colours(),
        np.asarray(colours()),
        {"image": base64.b64encode(data).decode()},
        read(data),
    )
    assert all(np.array_equal(read(way).rgb, np.asarray(colours())) for way in ways)


LARGE_IMAGES = """
import io, re, sys, threading
from PIL import Image
from models.inputs import picture

def megabytes(name):
    return int(re.search(rf"{name}:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024

image, file = Image.linear_gradient("L").resize((8000, 6000)).convert("RGB"), io.BytesIO()
image.save(file, sys.argv[1])
image.close()
before = megabytes("VmRSS")
open("/proc/self/clear_refs", "w").write("5")  # resets the peak
threads = [threading.Thread(target=picture.read, args=(file.getvalue(),)) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(megabytes("VmHWM") - before, megabytes("VmRSS") - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(("kind", "most"), [("PNG", 350), ("JPEG", 350), ("WEBP", 900)])
def test_large_images_are_decoded_one_at_a_time_and_their_memory_is_returned(kind, most):
    """Four at once take no more than one: a PNG of 48 megapixels 200 MB, a WebP, which has two canvases, 700 MB."""
    run = subprocess.run([sys.executable, "-c", LARGE_IMAGES, kind], capture_output=True, text=True, check=True)
    peak, after = map(float, run.stdout.split())
    assert peak < most and after < 60
