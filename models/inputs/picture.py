"""Pictures: an untrusted image, size-checked from its header before any pixel is decoded, turned upright, as RGB.

`read` returns the canonical input of picture tasks; `open_image` reads images for ink too.
"""

import base64
import binascii
import io
import struct
import threading
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from models import memory
from models.errors import BadInput, TooLarge

MAX_BYTES = 20 * 2**20  # of the encoded file
MAX_PIXELS = 50_000_000  # width x height from the header; allows a 48-megapixel phone photo
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM")
PHONE_FORMATS = ("HEIF", "AVIF")  # both start with an ftyp box
ANIMATED = ("GIF", "PNG", "WEBP", "AVIF")
LARGE = 4_000_000  # pixels; what a larger image took is returned to the system at once
MAX_SIDE = 1_024  # larger images are downscaled; a digit or a holiday photo needs no more
SMALL = 64  # pixels; a photo with a shorter side shows little detail
NO_IMAGE = "This is not an image in a supported format; send a PNG, JPEG, WebP or GIF."
# How often a decoder may read from a file, by the file's first bytes. Pillow follows every chunk, segment or block in
# Python, and a hostile file has millions of them. An ordinary photo takes hundreds, a PNG of 20 MB some thousands.
MAX_READS = {b"\xff\xd8": 4_000, b"BM": 1_000_000}
OTHER_MAX_READS = 20_000
PLAIN, MAX_PLAIN_BYTES = (b"P1", b"P2", b"P3"), 2 * 2**20  # PPM as text, which Pillow decodes number by number
MAX_PROFILES = 100  # colour profiles in a PNG, which has one; each may be unpacked to a megabyte
MAX_REPEATS = 4  # times that all bytes of a file may be read; the tags of a TIFF may all name the same megabyte
DECODE_ERRORS = (  # the exceptions that PIL raises for damaged files
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    ArithmeticError,
    TypeError,
    AttributeError,
    RuntimeError,
    struct.error,
)

_decoding = threading.Lock()  # one image is decoded at a time: 50 megapixels take up to 600 MB meanwhile


class _File(io.BytesIO):
    """An image file in memory. Raises OSError when it is read too often, or too much is read."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._reads = MAX_READS.get(data[:2], OTHER_MAX_READS)
        self._bytes = MAX_REPEATS * len(data) + 2**20

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes."""
        data = super().read(size)
        self._reads -= 1
        self._bytes -= len(data)
        if self._reads < 0 or self._bytes < 0:
            raise OSError("too many parts")
        return data


@dataclass(frozen=True, eq=False)
class Picture:
    """The canonical picture.

    rgb: uint8 (height, width, 3), upright, at most MAX_SIDE on a side.
    size: (width, height) of the upright original in pixels.
    notes: remarks about how the picture was read, a sentence each.
    """

    rgb: np.ndarray
    size: tuple[int, int]
    notes: tuple[str, ...] = ()


def read(raw: Any) -> Picture:
    """Read a file (Path or str), bytes, PIL image, array, or `{"image": "<base64 of a file>"}`.

    Arrays are (height, width[, channels]), uint8 or floats from 0 to 1. Raises BadInput or TooLarge.
    """
    if isinstance(raw, Picture):
        return raw
    if raw is None:
        raise BadInput("There is no picture yet; choose one or take one.")
    if isinstance(raw, dict) and isinstance(raw.get("image"), str):
        raw = decode_base64(raw["image"])
    if isinstance(raw, np.ndarray):
        raw = from_array(raw)
    if isinstance(raw, str):
        raw = Path(raw)
    if not isinstance(raw, bytes | bytearray | Path | Image.Image):
        raise BadInput(
            f"A picture must be an image file, an image or an array, not {type(raw).__name__}; send one of these."
        )
    image, size, notes = open_image(raw)
    has_alpha = image.mode in ("LA", "RGBA") and image.getextrema()[-1][0] < 255
    rgb = np.asarray(_on_white(image) if has_alpha else image.convert("RGB"))
    if (rgb == rgb[0, 0]).all():
        raise BadInput("This picture is blank: all its pixels have the same colour. Choose another one.")
    if has_alpha:
        notes = (*notes, "Transparent parts of this picture were read as white.")
    if min(size) < SMALL:
        notes = (*notes, f"This picture has only {size[0]} x {size[1]} pixels, so it shows little detail.")
    return Picture(rgb, size, notes)


def decode_base64(image: str) -> bytes:
    """Decode a file in base64, plain or as a data URL. Raises TooLarge before decoding, or BadInput."""
    if len(image) > 2 * MAX_BYTES:  # base64 takes a third more, and may contain line breaks
        raise TooLarge(f"This file is larger than {MAX_BYTES // 2**20} MB. Send a smaller image.")
    if image.startswith("data:"):
        image = image.partition(",")[2]
    try:
        return base64.b64decode("".join(image.split()), validate=True)
    except (ValueError, binascii.Error) as error:
        raise BadInput("'image' is not base64. Send the content of the file in base64: base64 -w0 my.png") from error


def open_image(raw: bytes | Path | Image.Image) -> tuple[Image.Image, tuple[int, int], tuple[str, ...]]:
    """Open an image: returns it upright, at most MAX_SIDE on a side; its size before downscaling; notes for the user.

    Raises BadInput if it is not an image or truncated, TooLarge if it is over the limits.
    """
    if isinstance(raw, Image.Image):
        return _normalised(raw)
    if isinstance(raw, Path):
        try:
            size = raw.stat().st_size
            data = raw.read_bytes() if size <= MAX_BYTES else b""
        except OSError as error:
            raise BadInput(
                f"Could not read {raw}: {error.strerror or error}. Pass the path of an image file."
            ) from error
    else:
        data, size = bytes(raw) if len(raw) <= MAX_BYTES else b"", len(raw)
    if size > MAX_BYTES:
        raise TooLarge(
            f"This file is {size / 2**20:.0f} MB; at most {MAX_BYTES // 2**20} MB are allowed. Send a smaller image."
        )
    if not data:
        raise BadInput("This file is empty; send a PNG, JPEG, WebP or GIF image.")
    with _decoding:
        image, upright_size, notes = _normalised(_opened(data), in_place=True)
        image = image.copy()  # without the decoder, which may hold the image at its full size
        if upright_size[0] * upright_size[1] > LARGE:
            memory.give_back()
    return image, upright_size, notes


def _opened(data: bytes) -> Image.Image:
    """The image in a file. Only its header is decoded, except for WebP and HEIF."""
    if data[:2] in PLAIN and len(data) > MAX_PLAIN_BYTES:
        raise TooLarge(f"An image in plain text may have at most {MAX_PLAIN_BYTES // 2**20} MB. Save it as a PNG.")
    if data.startswith(b"\x89PNG") and data.count(b"iCCP") > MAX_PROFILES:
        raise BadInput(NO_IMAGE)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the lower limit MAX_PIXELS follows
            # Formats are limited, because some (EPS) would start external programs.
            return Image.open(_File(data), formats=_formats(data))
    except Image.DecompressionBombError as error:
        raise TooLarge(too_many_pixels()) from error
    except DECODE_ERRORS as error:
        raise BadInput(NO_IMAGE) from error


def _formats(data: bytes) -> tuple[str, ...]:
    """The formats that a file may have, judging by its first bytes. The HEIC decoder is loaded only when needed."""
    if data[4:8] != b"ftyp":
        return FORMATS
    # Only for a HEIC or AVIF file.
    import pillow_heif

    pillow_heif.register_heif_opener()
    return PHONE_FORMATS


def too_many_pixels(size: str = "more") -> str:
    """The error sentence for an image over the limit."""
    return f"This image has {size} pixels; at most {MAX_PIXELS // 1_000_000} million are allowed. Send a smaller one."


def _normalised(image: Image.Image, in_place: bool = False) -> tuple[Image.Image, tuple[int, int], tuple[str, ...]]:
    size = width, height = image.size
    if width * height > MAX_PIXELS:
        raise TooLarge(too_many_pixels(f"{width * height / 1e6:.0f} million"))
    if width * height == 0:
        raise BadInput("This image has no pixels; send another one.")
    notes = []
    try:
        # Lets JPEG decode directly at a smaller size.
        image.draft("L" if image.mode == "L" else "RGB", (MAX_SIDE, MAX_SIDE))
        image.load()
        notes += _animation(image)
        with suppress(*DECODE_ERRORS):  # if only the EXIF data is damaged, the image is not rotated
            orientation = image.getexif().get(0x0112)
            if orientation in range(2, 9):
                image = ImageOps.exif_transpose(image)
                size = size[::-1] if orientation >= 5 else size
                notes.append("The photo was rotated to its upright position.")
        image = downscale(_averageable(image), MAX_SIDE, in_place)
    except DECODE_ERRORS as error:
        raise BadInput("This image is damaged or truncated; save it again or send another.") from error
    return _eight_bit(image), size, tuple(notes)


def _animation(image: Image.Image) -> list[str]:
    """The note on an animation, or a file of several pages.

    `n_frames` would visit every frame, which takes minutes for a TIFF of a million pages.
    """
    with suppress(*DECODE_ERRORS):  # what follows the first frame is damaged, or too long to be looked at
        if image.format in (*ANIMATED, "TIFF") and getattr(image, "is_animated", False):
            what = "page of this file" if image.format == "TIFF" else "frame of this animation"
            return [f"Only the first {what} was read."]
    return []


def downscale(image: Image.Image, side: int, in_place: bool = False) -> Image.Image:
    """`image`, or a smaller averaged one if it is larger than `side` pixels: a copy, unless it is changed in place."""
    if max(image.size) <= side:
        return image
    smaller = image if in_place else image.copy()
    smaller.thumbnail((side, side), Image.Resampling.BOX, reducing_gap=2.0)
    return smaller


def from_array(array: np.ndarray) -> Image.Image:
    """Convert an array (height, width[, 1, 3 or 4]), uint8 or floats from 0 to 1, to an image. Raises BadInput."""
    if array.ndim not in (2, 3) or 0 in array.shape or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise BadInput(
            f"An image array must have the shape (height, width) or (height, width, 3 or 4), not {array.shape}."
        )
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.dtype != np.uint8:
        values = array.astype(np.float64)
        if not np.isfinite(values).all():
            raise BadInput("This image array contains NaN or infinity; send uint8, or floats from 0 to 1.")
        array = np.clip(values * (255 if values.max(initial=0) <= 1 else 1), 0, 255).round().astype(np.uint8)
    return Image.fromarray(array)


def _on_white(image: Image.Image) -> Image.Image:
    """Convert an image of mode LA or RGBA to RGB on a white background."""
    layer = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")


def _averageable(image: Image.Image) -> Image.Image:
    """Convert to a mode whose pixels can be averaged: L, LA, RGB, RGBA, I or F.

    Transparency becomes an alpha channel.
    """
    if image.mode in ("PA", "La", "RGBa") or (image.mode in ("1", "L", "P", "RGB") and "transparency" in image.info):
        return image.convert("RGBA")
    if image.mode in ("L", "LA", "RGB", "RGBA", "I", "F"):
        return image
    if image.mode.startswith("I"):
        return image.convert("I")
    return image.convert("L" if image.mode == "1" else "RGB")  # RGB for P, CMYK, YCbCr, LAB, HSV


def _eight_bit(image: Image.Image) -> Image.Image:
    """Convert to mode L, LA, RGB or RGBA with 8 bits per channel; 16-bit values are scaled, not clipped."""
    if image.mode not in ("I", "F"):
        return image
    values = np.asarray(image, dtype=np.float32)
    if not np.isfinite(values).all():
        raise BadInput("This image contains NaN or infinity; save it as an ordinary PNG.")
    largest = float(values.max())
    top = max(1.0, largest) if image.mode == "F" else (65535.0 if largest > 255 else 255.0)
    return Image.fromarray((np.clip(values / np.float32(top), 0, 1) * 255).round().astype(np.uint8))
