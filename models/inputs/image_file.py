"""Image files: opened and bounded by their header before any pixel is decoded, then decoded.

How many pixels a file may have depends on what its decoder needs for each: `BOUNDS`, measured by
`python -m benchmarks.images`. A JPEG is decoded at a fraction of its size, so it may have the most.
"""

import ctypes
import io
import logging
import re
import struct
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, JpegImagePlugin

from models.errors import BadInput, TooLarge
from models.inputs import bit_depth, raw_file, tiff
from models.inputs.bounded_file import BoundedFile

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM")
PHONE_FORMATS = ("HEIF", "AVIF")  # both start with an ftyp box
NAMES = {"HEIF": "HEIC", "WEBP": "WebP", "MPO": "JPEG"}  # where they differ from Pillow's
# The most pixels of a file, width x height. Decoding one takes at most 850 MB.
JPEG, PROGRESSIVE, WEBP = "JPEG", "progressive JPEG", "WebP"
BOUNDS = {JPEG: 250_000_000, PROGRESSIVE: 90_000_000, WEBP: 51_000_000}
OTHER_BOUND = 80_000_000
DRAFTED = 50_000_000  # pixels; a larger JPEG is decoded at the lowest resolution that its longer side allows
NO_IMAGE = "This is not an image in a supported format; send a PNG, JPEG, WebP or GIF."
DAMAGED = "This image is damaged or truncated; save it again or send another."
INCOMPLETE = "The end of this file is missing; its last rows were ignored."
MAX_MISSING = 0.1  # part of the rows of a truncated JPEG
PLAIN, MAX_PLAIN_BYTES = (b"P1", b"P2", b"P3"), 2 * 2**20  # PPM as text, which Pillow decodes number by number
MAX_PROFILES = 100  # colour profiles in a PNG, which has one; each may be unpacked to a megabyte
MAX_SEGMENTS = 4_000  # of a JPEG of several scans
MAX_SCANS = 32  # of a JPEG, each of which is a pass over all pixels; progressive ones have about ten
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
ORIENTATION = 0x0112  # in EXIF data
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # of a JPEG, except those within the data of a scan
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # markers of a frame's header
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_SCAN, _END, _WITHOUT_LENGTH = 0xDA, 0xD9, (0x01, 0xD8)


logging.getLogger("PIL").setLevel(logging.CRITICAL)  # it logs what is wrong with a damaged file


def decoded(data: bytes, side: int) -> tuple[Image.Image, tuple[int, int], list[str]]:
    """Open and decode a file, a JPEG at the resolution closest above `side` pixels: the image, its size, notes.

    The size is that of the file, before it was decoded at a fraction of it. Raises BadInput for a file that is not an
    image or of which too much is missing, TooLarge for too many pixels, or one of DECODE_ERRORS.
    """
    if raw_file.is_raw(io.BytesIO(data)):
        raise BadInput(raw_file.RAW)
    with suppress(*DECODE_ERRORS):  # Pillow has the last word on a TIFF whose tags are damaged
        if layout := tiff.layout(data):
            check_size(layout.size, "TIFF")
            return tiff.decoded(data, layout), layout.size, [tiff.NEXT_PAGE] if layout.has_more_pages else []
    image = _opened(data)
    size = image.size
    check_size(size, _kind(image, data))
    image, notes = _loaded(image, data, side)
    return image, size, notes


def _opened(data: bytes) -> Image.Image:
    """The image in a file. Only its header is decoded, except for WebP and HEIF."""
    if data[:2] in PLAIN and len(data) > MAX_PLAIN_BYTES:
        raise TooLarge(f"An image in plain text may have at most {MAX_PLAIN_BYTES // 2**20} MB. Save it as a PNG.")
    if data.startswith(b"\x89PNG") and data.count(b"iCCP") > MAX_PROFILES:
        raise BadInput(NO_IMAGE)
    if data[:4] in tiff.SIGNATURES:
        _silence_libtiff()
    try:
        # Formats are limited, because some (EPS) would start external programs.
        return _jpeg(data) if data[:3] == b"\xff\xd8\xff" else Image.open(BoundedFile(data), formats=_formats(data))
    except Image.DecompressionBombError as error:
        raise TooLarge(_bomb(error)) from error
    except DECODE_ERRORS as error:
        raise BadInput(NO_IMAGE) from error


def _jpeg(data: bytes) -> Image.Image:
    """`Image.open` refuses one of 200 megapixels, which is decoded at an eighth of its size."""
    return JpegImagePlugin.jpeg_factory(BoundedFile(data))


@cache
def _silence_libtiff() -> None:
    """Stop libtiff, which comes with Pillow, from writing what is wrong with a file to stderr."""
    packages = Path(PIL.__file__).parents[1]
    for library in [*packages.glob("pillow.libs/libtiff*"), *packages.glob("PIL/.dylibs/libtiff*")]:
        with suppress(OSError, AttributeError):
            loaded = ctypes.CDLL(str(library))
            for name in ("TIFFSetErrorHandler", "TIFFSetWarningHandler"):
                handler = getattr(loaded, name)
                handler.argtypes, handler.restype = [ctypes.c_void_p], ctypes.c_void_p
                handler(None)


def _formats(data: bytes) -> tuple[str, ...]:
    """The formats that a file may have, judging by its first bytes. The HEIC decoder is loaded only when needed."""
    if data[4:8] != b"ftyp":
        return FORMATS
    # Only for a HEIC or AVIF file.
    import pillow_heif

    pillow_heif.register_heif_opener()
    return PHONE_FORMATS


def check_size(size: tuple[int, int], kind: str = "image") -> None:
    """Raise TooLarge for an image with more pixels than its kind may have, BadInput for one that has none."""
    count = size[0] * size[1]
    if count > BOUNDS.get(kind, OTHER_BOUND):
        raise TooLarge(_too_many_pixels(kind, f"{size[0]:,} x {size[1]:,} = {count:,}"))
    if count == 0:
        raise BadInput("This image has no pixels; send another one.")


def _bomb(error: Image.DecompressionBombError) -> str:
    """The error sentence for an image that Pillow refuses; its error names the number of pixels."""
    number = re.search(r"\d+", str(error))
    return _too_many_pixels("image", f"{int(number[0]):,}" if number else "too many")


def _too_many_pixels(kind: str, count: str) -> str:
    bound = f"This {kind} has {count} pixels; the limit is {BOUNDS.get(kind, OTHER_BOUND):,}."
    if kind == JPEG:
        return f"{bound} Send a smaller one."
    return f"{bound} Send a smaller one, or an ordinary JPEG, for which the limit is {BOUNDS[JPEG]:,}."


def _kind(image: Image.Image, data: bytes) -> str:
    """What an error sentence calls the file, and `BOUNDS` lists. Raises BadInput for a JPEG of too many scans."""
    name = NAMES.get(image.format or "", image.format or "image")
    if name != JPEG:
        return name
    scans, in_passes = _scans(data)
    if scans > MAX_SCANS:
        raise BadInput(DAMAGED)
    return PROGRESSIVE if in_passes else JPEG


def _scans(data: bytes) -> tuple[int, bool]:
    """The number of scans of a JPEG (MAX_SCANS + 1 for more), and whether it is decoded in several passes.

    Then the decoder holds the whole image in memory at its full size. The data of a single scan is not looked at.
    """
    at, components, scans, in_passes = 2, 0, 0, False
    for _ in range(MAX_SEGMENTS):
        marker = _MARKER.search(data, at)
        if not marker or data[marker.start() + 1] == _END:
            return scans, in_passes
        kind, at = data[marker.start() + 1], marker.end()
        if kind in _WITHOUT_LENGTH:
            continue
        segment = data[at : at + 8]
        if kind in _FRAMES and len(segment) == 8:
            components, in_passes = segment[7], kind in _PROGRESSIVE
        if kind == _SCAN and len(segment) > 2:
            in_passes = in_passes or segment[2] < components
            scans += 1
            if scans > MAX_SCANS or not in_passes:
                return scans, in_passes
        at += int.from_bytes(segment[:2])
    return MAX_SCANS + 1, True


def _loaded(image: Image.Image, data: bytes, side: int) -> tuple[Image.Image, list[str]]:
    """The decoded image, and notes."""
    deep, orientation = bit_depth.is_deep(image), _ignored_orientation(image)
    draft(image, side)
    try:
        image.load()
    except OSError:
        if data[:2] != b"\xff\xd8":
            raise
        return _completed(data, side), [INCOMPLETE]
    if deep:
        image = bit_depth.brightened(image, lambda: _opened(data))
    if orientation != 1:
        image.getexif()[ORIENTATION] = orientation
    return image, []


def draft(image: Image.Image, side: int) -> None:
    """Let a JPEG be decoded at a smaller size, with at least `side` pixels on both sides (the longer one if large)."""
    width, height = image.size
    scale = max(image.size) // side
    smaller = (width // scale, height // scale) if width * height > DRAFTED and scale else (side, side)
    image.draft("L" if image.mode == "L" else "RGB", smaller)


def _completed(data: bytes, side: int) -> Image.Image:
    """A JPEG whose end is missing: with the marker of its end. Raises BadInput if too many rows are missing."""
    image = _jpeg(data + b"\xff\xd9")
    draft(image, side)
    image.load()
    # The decoder makes missing parts mid-grey.
    rows = (np.abs(np.asarray(image, np.int16) - 127.5) < 1).reshape(image.height, -1).all(axis=1)
    missing = int(np.argmin(rows[::-1])) if not rows.all() else image.height
    if missing > MAX_MISSING * image.height:
        raise BadInput(DAMAGED)
    return image.crop((0, 0, image.width, image.height - missing)) if missing else image


def _ignored_orientation(image: Image.Image) -> int:
    """The orientation in the EXIF data of a HEIC or AVIF that its decoder ignores; 1 if there is none.

    The boxes `irot` and `imir` turn such a photo, and the decoders have done that. Where a file has neither, its EXIF
    data says how to turn it; both plugins replace that by 1.
    """
    with suppress(*DECODE_ERRORS):
        if image.format == "HEIF":
            applied = image._heif_file[image.tell()]._c_image.transformations  # type: ignore[attr-defined]
            turned = any(kind != "clap" for kind, *_ in applied)
            return 1 if turned else image.info.get("original_orientation") or 1
        if image.format == "AVIF":
            *_, exif_data, applied, _ = image._decoder.get_info()  # type: ignore[attr-defined]
            if exif_data and applied == 1:
                exif = Image.Exif()
                exif.load(exif_data)
                return exif.get(ORIENTATION, 1)
    return 1
