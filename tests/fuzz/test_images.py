"""Images of every format, damaged in every way: a picture or a BadInput, in bounded time and memory."""

import io
import resource
import struct
import sys
import zlib

import numpy as np
import pillow_heif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from models.errors import BadInput
from models.inputs import ink, picture
from tests.conftest import encoded
from tests.fuzz.cases import cases, damaged, in_time
from tests.models import photo_files

pytestmark = pytest.mark.filterwarnings("ignore")  # Pillow warns of damaged EXIF data

MEMORY = 1536 * 2**20  # bytes by which the process may grow: some copies of an image of 50 megapixels


def noise(mode: str = "RGB", side: int = 48) -> Image.Image:
    """A picture of random pixels."""
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    return Image.fromarray(pixels).convert(mode)


def described() -> Image.Exif:
    """EXIF data with an orientation, texts, fractions, a nested directory and an unknown tag."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif[0x011A], exif[0xFFFE] = 6, "a photo", 72.5, b"\0\1\2"
    exif.get_ifd(0x8769)[0x9003] = "2026:01:01 00:00:00"
    return exif


def files() -> dict[str, bytes]:
    """A small file of every format and mode that is read."""
    animated = {"save_all": True, "append_images": [noise("P"), noise("P").rotate(90)]}
    by_name = {f"PNG {mode}": encoded(noise(mode)) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")}
    by_name |= {f"TIFF {mode}": encoded(noise(mode), "TIFF") for mode in ("1", "L", "P", "CMYK", "LAB", "F", "I;16")}
    by_name |= {f"JPEG {mode}": encoded(noise(mode), "JPEG", exif=described()) for mode in ("L", "RGB", "CMYK")}
    by_name |= {f"BMP {mode}": encoded(noise(mode), "BMP") for mode in ("1", "L", "P", "RGB", "RGBA")}
    by_name |= {f"PPM {mode}": encoded(noise(mode), "PPM") for mode in ("1", "L", "RGB", "I;16")}
    by_name |= {
        f"TIFF {compression}": encoded(noise(), "TIFF", compression=compression, exif=described())
        for compression in ("tiff_lzw", "tiff_deflate", "jpeg", "packbits", "zstd")
    }
    numbers = np.asarray(noise())
    by_name["TIFF of floats"] = photo_files.tiff(numbers / np.float32(255), ">", compressed=True, planar=True)
    by_name["TIFF of integers"] = photo_files.tiff(numbers.astype(np.uint32))
    by_name["PNG of 12 bits"] = photo_files.png(numbers.astype(np.uint16) * 16)
    profile = photo_files.profile("Display P3")
    by_name["JPEG with a profile"] = encoded(noise(), "JPEG", icc_profile=profile)
    by_name["animated GIF"] = encoded(noise("P"), "GIF", **animated)
    by_name["animated PNG"] = encoded(noise(), "PNG", save_all=True, append_images=[noise().rotate(90)])
    by_name["TIFF of pages"] = encoded(noise(), "TIFF", save_all=True, append_images=[noise().rotate(90)])
    by_name["animated WebP"] = encoded(noise(), "WEBP", save_all=True, append_images=[noise().rotate(90)])
    by_name["WebP"] = encoded(noise("RGBA"), "WEBP", exif=described(), lossless=True)
    by_name["progressive JPEG"] = encoded(noise(), "JPEG", progressive=True, comment=b"x" * 300)
    by_name["MPO"] = encoded(noise(), "MPO", save_all=True, append_images=[noise().rotate(90)])
    by_name["AVIF"] = encoded(noise(), "AVIF")
    by_name["plain PPM"] = b"P3 8 8 255 " + b" ".join(b"%d" % (n % 256) for n in range(192))
    heif = io.BytesIO()
    pillow_heif.from_pillow(noise()).save(heif)
    by_name["HEIC"] = heif.getvalue()
    return by_name


FILES = files()


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_file_is_read_as_it_is(name):
    side = 8 if name == "plain PPM" else 48
    assert picture.read(FILES[name]).rgb.shape == (side, side, 3)


@cases(600)
@given(st.sampled_from(sorted(FILES)).flatmap(lambda name: damaged(FILES[name])), st.booleans())
def test_a_damaged_file_is_a_picture_or_a_bad_input(data, as_ink):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with in_time():
        try:
            if as_ink:
                drawing = ink.read(data)
                assert np.isfinite(drawing.ink).all() and drawing.ink.ndim == 2
            else:
                assert picture.read(data).rgb.shape[2] == 3
        except BadInput as error:
            assert str(error).endswith(".") or "base64" in str(error)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * (1 if sys.platform == "darwin" else 1024) < MEMORY


@cases(150)
@given(st.binary(max_size=4_000), st.sampled_from(sorted({data[:12] for data in FILES.values()})))
def test_random_bytes_after_a_known_beginning_are_a_bad_input(data, beginning):
    with in_time(), pytest.raises(BadInput):
        picture.read(beginning + data)
        raise BadInput("unlikely, but a picture")


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def tiff(*pages: list[tuple[int, int, int, int]], rest: bytes = bytes(64)) -> bytes:
    """A TIFF of small grey pages, which have these tags (number, type, count, value) too."""
    out = bytearray(b"II*\0" + struct.pack("<I", 8))
    for number, tags in enumerate(pages, 1):
        whole = [(256, 3, 1, 8), (257, 3, 1, 8), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
        whole += [(273, 4, 1, 0), (279, 4, 1, 64), *tags]
        after = len(out) + 2 + 12 * len(whole) + 4
        out += struct.pack("<H", len(whole)) + b"".join(struct.pack("<HHII", *tag) for tag in whole)
        out += struct.pack("<I", after if number < len(pages) else 0)
    return bytes(out) + rest


def bmp(side: int, runs: bytes) -> bytes:
    """A BMP of run-length encoded pixels."""
    head = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, len(runs), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 1078 + len(runs), 0, 0, 1078) + head + bytes(1024) + runs


PNG, JPEG = encoded(noise()), encoded(noise(), "JPEG")
SCANS = encoded(Image.new("L", (8_000, 6_000)), "JPEG", progressive=True)
GIF = encoded(Image.new("P", (2, 2)), "GIF")
FRAME = GIF.index(b"\x2c")
# Files whose parts Pillow follows one by one: of 20 MB, each took from 10 seconds to some minutes, or gigabytes.
LONG = {
    "TIFF of many pages": tiff(*[[] for _ in range(60_000)]),
    "TIFF whose tags name the same megabyte": tiff(
        [(40_000 + n, 2, 10**6, 8) for n in range(5_000)], rest=bytes(10**6)
    ),
    "PNG of many chunks": PNG[:33] + chunk(b"aaAa", b"") * 300_000 + PNG[33:],
    "PNG of many texts": PNG[:33] + chunk(b"tEXt", b"a\0b") * 300_000 + PNG[33:],
    "PNG of many profiles": PNG[:33] + chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(10**6))) * 5_000 + PNG[33:],
    "PNG with chunks at the end": PNG[:-12] + chunk(b"aaAa", b"") * 300_000 + PNG[-12:],
    "JPEG of many segments": JPEG[:2] + b"\xff\xfe\0\2" * 1_000_000 + JPEG[2:],
    "JPEG of much EXIF": JPEG[:2] + (b"\xff\xe1\0\x0eExif\0\0II*\0\0\0") * 200_000 + JPEG[2:],
    "JPEG of many scans": SCANS[:-2] + SCANS[SCANS.rindex(b"\xff\xda") : -2] * 5_000 + SCANS[-2:],
    "TIFF of many strips": photo_files.tiff(np.zeros((2**18, 1), np.float32), rows=1),
    "JPEG of filling": JPEG[:2] + b"\xff" * 4_000_000 + JPEG[2:],
    "GIF of many frames": GIF[:FRAME] + GIF[FRAME:-1] * 200_000 + b";",
    "GIF of many comments": GIF[:FRAME] + b"\x21\xfe\x01a\0" * 800_000 + GIF[FRAME:],
    "GIF of a long comment": GIF[:FRAME] + b"\x21\xfe" + (b"\xff" + bytes(255)) * 70_000 + b"\0" + GIF[FRAME:],
    "plain PPM": b"P3 2500 2500 255 " + b"1 2 3 " * 400_000,
    "PPM of comments": b"P2 2500 2500 255 " + b"1 #\n" * 700_000,
    "BMP of many runs": bmp(4_000, b"\1\1" * 1_500_000),
    "BMP of many steps": bmp(4_000, b"\0\2\0\0" * 1_500_000),
}


@pytest.mark.parametrize("name", sorted(LONG))
def test_a_file_of_many_parts_takes_neither_minutes_nor_memory(name):
    with in_time(), pytest.raises(BadInput):
        picture.read(LONG[name])
        raise BadInput("a blank picture is refused too; some of these are read")


def test_an_animation_and_a_file_of_pages_are_still_noted():
    assert "first frame" in picture.read(FILES["animated GIF"]).notes[0]
    assert "first page" in picture.read(FILES["TIFF of pages"]).notes[0]
