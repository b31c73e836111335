"""Pictures: an untrusted image, size-checked from its header before any pixel is decoded, turned upright, as RGB.

`read` returns the canonical input of picture tasks; `open_image` reads images for ink too.
"""

import base64
import binascii
import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from models import memory
from models.errors import BadInput, TooLarge
from models.inputs import bit_depth, colour, image_file, raw_file
from models.inputs.image_file import DAMAGED, DECODE_ERRORS

MAX_BYTES = 20 * 2**20  # of an encoded file that is sent
MAX_FILE_BYTES = 100 * 2**20  # of one on this machine; a photo of 200 megapixels has up to 80 MB
ANIMATED = ("GIF", "PNG", "WEBP", "AVIF")
LARGE = 4_000_000  # pixels; what a larger image took is returned to the system at once
MAX_SIDE = 1_024  # larger images are downscaled; a digit or a holiday photo needs no more
SMALL = 64  # pixels; a photo with a shorter side shows little detail

_decoding = threading.Lock()  # one image is decoded at a time, which takes up to 850 MB meanwhile


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
    """Open an image: returns it upright, in sRGB, at most MAX_SIDE on a side; its original size; notes for the user.

    Raises BadInput if it is not an image or truncated, TooLarge if it is over the limits.
    """
    if isinstance(raw, Image.Image):
        image_file.check_size(raw.size)
        with _decoder():
            image_file.draft(raw, MAX_SIDE)
            raw.load()
            return _normalised(raw, raw.size)
    data = _bytes(raw)
    with _decoder():
        image, size, notes = image_file.decoded(data, MAX_SIDE)
        image, upright_size, more = _normalised(image, size, in_place=True)
        image = image.copy()  # without the decoder, which may hold the image at its full size
        if size[0] * size[1] > LARGE:
            memory.give_back()
    return image, upright_size, (*notes, *more)


@contextmanager
def _decoder() -> Iterator[None]:
    """One image is decoded at a time. What Pillow warns of is not shown, and what it raises is a BadInput."""
    with _decoding, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except DECODE_ERRORS as error:
            raise BadInput(DAMAGED) from error


def _bytes(raw: bytes | Path) -> bytes:
    """The content of a file. Raises TooLarge, and BadInput for a file that is empty or cannot be read."""
    limit = MAX_FILE_BYTES if isinstance(raw, Path) else MAX_BYTES
    if isinstance(raw, Path):
        try:
            size = raw.stat().st_size
            with raw.open("rb") as file:
                is_raw = size > limit and raw_file.is_raw(file)
                data = file.read(limit) if size <= limit else b""
        except OSError as error:
            raise BadInput(
                f"Could not read {raw}: {error.strerror or error}. Pass the path of an image file."
            ) from error
    else:
        size = len(raw)
        is_raw = size > limit and raw_file.is_raw(io.BytesIO(raw))
        data = bytes(raw) if size <= limit else b""
    if is_raw:
        raise BadInput(raw_file.RAW)
    if size > limit:
        raise TooLarge(
            f"This file has {size:,} bytes; at most {limit:,} ({limit // 2**20} MB) are read. Send a smaller image."
        )
    if not data:
        raise BadInput("This file is empty; send a PNG, JPEG, WebP or GIF image.")
    return data


def _normalised(
    image: Image.Image, size: tuple[int, int], in_place: bool = False
) -> tuple[Image.Image, tuple[int, int], tuple[str, ...]]:
    """A decoded image: upright, at most MAX_SIDE on a side, with 8 bits per channel, in sRGB; its size; notes.

    size: of the file, before it was decoded at a fraction of it.
    """
    notes, space = _animation(image), None
    profile = image.info.get("icc_profile")
    if not profile:
        with suppress(*DECODE_ERRORS):
            space = colour.described(image)
    top, inverted = 0.0, False
    if image.mode[0] in "IF":
        image, top, inverted = bit_depth.prepared(image)
    with suppress(*DECODE_ERRORS):  # if only the EXIF data is damaged, the image is not rotated
        orientation = image.getexif().get(image_file.ORIENTATION)
        if orientation in range(2, 9):
            image = ImageOps.exif_transpose(image)
            size = size[::-1] if orientation >= 5 else size
            notes.append("The photo was rotated to its upright position.")
    image = downscale(_averageable(image, bool(profile)), MAX_SIDE, in_place)
    if top:
        image = bit_depth.eight_bit(image, top, inverted)
    if profile:
        try:
            image = colour.to_srgb(image, profile)
        except ValueError:
            notes.append(colour.UNUSABLE)
    elif space:
        image = colour.from_space(image, space)
    return image.convert("RGB") if image.mode == "CMYK" else image, size, tuple(notes)


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
    """Convert an array (height, width[, 1, 3 or 4]) to an image: uint8, or floats from 0 to 1. Raises BadInput.

    Other integers and floats are scaled by the range that they use (`bit_depth.white`).
    """
    if array.ndim not in (2, 3) or 0 in array.shape or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise BadInput(
            f"An image array must have the shape (height, width) or (height, width, 3 or 4), not {array.shape}."
        )
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.dtype != np.uint8:
        is_float = array.dtype.kind == "f"
        values = array.astype(np.float64)
        if not np.isfinite(values).all():
            raise BadInput("This image array contains NaN or infinity; send uint8, or floats from 0 to 1.")
        full = 65535 if array.dtype.kind not in "iu" else int(np.iinfo(array.dtype).max)
        top = bit_depth.white(float(values.max()), is_float, full)
        array = np.clip(values * (255 / top), 0, 255).round().astype(np.uint8)
    return Image.fromarray(array)


def _on_white(image: Image.Image) -> Image.Image:
    """Convert an image of mode LA or RGBA to RGB on a white background."""
    layer = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")


def _averageable(image: Image.Image, has_profile: bool) -> Image.Image:
    """Convert to a mode whose pixels can be averaged: L, LA, RGB, RGBA, I or F, or CMYK with a profile.

    Transparency becomes an alpha channel.
    """
    if image.mode in ("PA", "La", "RGBa") or (image.mode in ("1", "L", "P", "RGB") and "transparency" in image.info):
        return image.convert("RGBA")
    if image.mode in ("L", "LA", "RGB", "RGBA", "I", "F") or (image.mode == "CMYK" and has_profile):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")  # RGB for P, CMYK, YCbCr, LAB, HSV
