"""Opening an image that came from outside: bounded by its header before a pixel is decoded, and turned the way it was taken."""

import io
import struct
import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from models.errors import BadInput, TooLarge

MAX_BYTES = 20 * 2**20  # of the file as it comes
MAX_PIXELS = 50_000_000  # width x height as the header says: a 48-megapixel phone photo still goes in
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM")
MAX_SIDE = 1_024  # what is kept; a digit or a holiday photo needs no more
BROKEN = (  # all that PIL has been seen to raise over damaged files
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


def open_image(raw: bytes | Path | Image.Image) -> tuple[Image.Image, tuple[int, int], tuple[str, ...]]:
    """The image in `raw`, upright, at most MAX_SIDE on a side; its size before it was made smaller; notes for people on what was done.

    Raises BadInput for what is no image or is cut off, TooLarge for what is over the limits.
    """
    if isinstance(raw, Image.Image):
        return _normalised(raw)
    if isinstance(raw, Path):
        try:
            size = raw.stat().st_size
            data = raw.read_bytes() if size <= MAX_BYTES else b""
        except OSError as error:
            raise BadInput(f"Could not read {raw}: {error.strerror or error}. Name an image file.") from error
    else:
        data, size = bytes(raw) if len(raw) <= MAX_BYTES else b"", len(raw)
    if size > MAX_BYTES:
        raise TooLarge(
            f"This file has {size / 2**20:.0f} MB; at most {MAX_BYTES // 2**20} MB are read. Send a smaller image."
        )
    if not data:
        raise BadInput("This file is empty; send a PNG, JPEG, WebP or GIF image.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own, lower limit follows
            image = Image.open(io.BytesIO(data), formats=FORMATS)  # others (EPS) would start programs of their own
    except Image.DecompressionBombError as error:
        raise TooLarge(_too_many_pixels()) from error
    except BROKEN as error:
        raise BadInput("This is not an image that can be read; send a PNG, JPEG, WebP or GIF.") from error
    return _normalised(image)


def _too_many_pixels(size: str = "more") -> str:
    return f"This image has {size} pixels; at most {MAX_PIXELS // 1_000_000} million are read. Send a smaller one."


def _normalised(image: Image.Image) -> tuple[Image.Image, tuple[int, int], tuple[str, ...]]:
    size = width, height = image.size
    if width * height > MAX_PIXELS:
        raise TooLarge(_too_many_pixels(f"{width * height / 1e6:.0f} million"))
    if width * height == 0:
        raise BadInput("This image has no pixels; send one with something on it.")
    notes = []
    try:
        if getattr(image, "n_frames", 1) > 1:
            image.seek(0)
            notes.append("Only the first frame of this animation was read.")
        image.draft(
            "RGB" if image.mode not in ("L",) else "L", (MAX_SIDE, MAX_SIDE)
        )  # lets JPEG decode smaller, at once
        image.load()
        with suppress(*BROKEN):  # where only the EXIF data is damaged, the image stays as it lies
            orientation = image.getexif().get(0x0112)
            if orientation in range(2, 9):
                image = ImageOps.exif_transpose(image)
                size = size[::-1] if orientation >= 5 else size
                notes.append("The photo was turned the way it was taken.")
        image = shrunk(_averageable(image), MAX_SIDE)
    except BROKEN as error:
        raise BadInput("This image is damaged or cut off; save it again or send another.") from error
    return _eight_bit(image), size, tuple(notes)


def shrunk(image: Image.Image, side: int) -> Image.Image:
    """`image`, or where it is larger than `side` pixels a smaller copy, averaged; the caller's own image stays as it is."""
    if max(image.size) <= side:
        return image
    smaller = image.copy()
    smaller.thumbnail((side, side), Image.Resampling.BOX, reducing_gap=2.0)
    return smaller


def _averageable(image: Image.Image) -> Image.Image:
    """`image` in mode L, LA, RGB, RGBA, I or F, whose pixels may be averaged; what is transparent in it has an alpha channel."""
    if image.mode in ("PA", "La", "RGBa") or (image.mode in ("1", "L", "P", "RGB") and "transparency" in image.info):
        return image.convert("RGBA")
    if image.mode in ("L", "LA", "RGB", "RGBA", "I", "F"):
        return image
    if image.mode.startswith("I"):
        return image.convert("I")
    return image.convert("L" if image.mode == "1" else "RGB")  # RGB of P, CMYK, YCbCr, LAB, HSV


def _eight_bit(image: Image.Image) -> Image.Image:
    """`image` in mode L, LA, RGB or RGBA with 8 bits a channel; 16-bit values are scaled, not cut off."""
    if image.mode not in ("I", "F"):
        return image
    values = np.asarray(image, dtype=np.float32)
    if not np.isfinite(values).all():
        raise BadInput("This image holds values that are no numbers; save it as an ordinary PNG.")
    largest = float(values.max())
    top = max(1.0, largest) if image.mode == "F" else (65535.0 if largest > 255 else 255.0)
    return Image.fromarray((np.clip(values / np.float32(top), 0, 1) * 255).round().astype(np.uint8))
