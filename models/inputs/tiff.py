"""TIFF files of numbers that Pillow cannot decode: 32 and 64 bits, floats in colour, colours in planes, 16-bit grey.

Read here if they are uncompressed or compressed with deflate.
"""

import zlib
from dataclasses import dataclass

import numpy as np
from PIL import Image, TiffImagePlugin

from models.errors import BadInput, TooLarge
from models.inputs import bit_depth
from models.inputs.bounded_file import BoundedFile

SIGNATURES = (b"II*\0", b"MM\0*")
MAX_UNPACKED_BYTES = 256 * 2**20  # of all numbers
DEFLATE, UNCOMPRESSED = (8, 32946), 1
MAX_STRIPS = 100_000
KINDS = {1: "u", 2: "i", 3: "f"}  # NumPy's letters by sample format
WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, CHANNELS = 256, 257, 258, 259, 262, 277
OFFSETS, LENGTHS, ROWS, PLANES, PREDICTOR, SAMPLE_FORMAT = 273, 279, 278, 284, 317, 339
ORIENTATION, PROFILE = 274, 34675
NEXT_PAGE = "Only the first page of this file was read."


@dataclass(frozen=True)
class Layout:
    """Where the numbers of the first page are, and what they mean."""

    size: tuple[int, int]
    channels: int
    dtype: np.dtype
    in_planes: bool
    compressed: bool
    predictor: int
    rows: int  # in a strip
    strips: tuple[tuple[int, int], ...]  # offset and length of each
    zero_is_white: bool
    orientation: int
    profile: bytes
    has_more_pages: bool


def layout(data: bytes) -> Layout | None:
    """The layout of a TIFF that is read here, None for any other file. May raise what Pillow raises for damaged files.

    Pillow's own parser of tags is used; it reads no pixels.
    """
    if data[:4] not in SIGNATURES:
        return None
    file = BoundedFile(data)
    tags = TiffImagePlugin.ImageFileDirectory_v2(file.read(8))
    file.seek(tags.next)
    tags.load(file)
    bits, kinds = _numbers(tags.get(BITS, 1)), _numbers(tags.get(SAMPLE_FORMAT, 1))
    channels, in_planes = int(tags.get(CHANNELS, 1)), tags.get(PLANES, 1) == 2
    compression, photometric = tags.get(COMPRESSION, UNCOMPRESSED), tags.get(PHOTOMETRIC, 1)
    width, height = int(tags.get(WIDTH, 0)), int(tags.get(HEIGHT, 0))
    is_read = (
        len(set(bits)) == len(set(kinds)) == 1
        and bits[0] in (16, 32, 64)
        and kinds[0] in KINDS
        and (bits[0] > 16 or kinds[0] != 1 or in_planes or channels == 1)  # Pillow reads 16 bits in colour
        and (compression == UNCOMPRESSED or compression in DEFLATE)
        and (channels == 1 and photometric in (0, 1) or channels >= 3 and photometric == 2)
        and OFFSETS in tags
        and LENGTHS in tags
        and min(width, height) > 0
    )
    if not is_read:
        return None
    order = "<" if data[:2] == b"II" else ">"
    strips = tuple(zip(_numbers(tags[OFFSETS]), _numbers(tags[LENGTHS]), strict=True))
    return Layout(
        size=(width, height),
        channels=channels,
        dtype=np.dtype(f"{order}{KINDS[kinds[0]]}{bits[0] // 8}"),
        in_planes=in_planes,
        compressed=compression != UNCOMPRESSED,
        predictor=int(tags.get(PREDICTOR, 1)),
        rows=max(1, min(height, int(tags.get(ROWS, height)))),
        strips=strips,
        zero_is_white=photometric == 0,
        orientation=int(tags.get(ORIENTATION, 1)),
        profile=bytes(tags.get(PROFILE, b"")),
        has_more_pages=bool(tags.next),
    )


def decoded(data: bytes, layout: Layout) -> Image.Image:
    """The first page in 8 bits, mode L or RGB. Raises BadInput, TooLarge, or ValueError for a damaged file."""
    (width, height), channels = layout.size, layout.channels
    unpacked = width * height * channels * layout.dtype.itemsize
    if unpacked > MAX_UNPACKED_BYTES:
        raise TooLarge(
            f"This TIFF has {unpacked:,} bytes of pixels; at most {MAX_UNPACKED_BYTES:,} are read. Send a smaller one, "
            "or save it as a JPEG."
        )
    planes, channels = (channels, 1) if layout.in_planes else (1, channels)
    if planes * -(-height // layout.rows) != len(layout.strips) or len(layout.strips) > MAX_STRIPS:
        raise ValueError("a wrong number of strips")
    expected = [(plane, top) for plane in range(planes) for top in range(0, height, layout.rows)]
    values = np.empty((planes, height, width, channels), layout.dtype.newbyteorder("="))
    for (plane, top), (offset, length) in zip(expected, layout.strips, strict=True):
        strip = values[plane, top : top + layout.rows]
        strip[:] = _strip(data[offset : offset + length], layout, strip.shape)
    image = _eight_bit(values[0] if planes == 1 else values.transpose(3, 1, 2, 0)[0], layout.zero_is_white)
    if layout.profile:
        image.info["icc_profile"] = layout.profile
    if layout.orientation != 1:
        image.getexif()[ORIENTATION] = layout.orientation
    return image


def _strip(data: bytes, layout: Layout, shape: tuple[int, ...]) -> np.ndarray:
    size = int(np.prod(shape)) * layout.dtype.itemsize
    if layout.compressed:
        try:
            data = zlib.decompressobj().decompress(data, size)
        except zlib.error as error:
            raise ValueError("a strip is damaged") from error
    if len(data) < size:
        raise ValueError("a strip is too short")
    if layout.predictor == 3 and layout.dtype.kind == "f":
        # Each row has all highest bytes first, then the next ones, as differences between neighbours.
        rows = np.frombuffer(data, np.uint8, size).reshape(shape[0], -1, shape[2])
        rows = np.cumsum(rows, axis=1, dtype=np.uint8).reshape(shape[0], layout.dtype.itemsize, -1)
        return np.ascontiguousarray(rows.transpose(0, 2, 1)).view(layout.dtype.newbyteorder(">")).reshape(shape)
    values = np.frombuffer(data, layout.dtype, size // layout.dtype.itemsize).reshape(shape)
    if layout.predictor == 2:
        return np.cumsum(values, axis=1, dtype=layout.dtype.newbyteorder("="))
    if layout.predictor != 1:
        raise ValueError("an unknown predictor")
    return values


def _eight_bit(values: np.ndarray, zero_is_white: bool) -> Image.Image:
    """An image from numbers (height, width, channels), scaled by the range that they use."""
    is_float = values.dtype.kind == "f"
    full = 65535 if is_float else int(np.iinfo(values.dtype).max)
    rows = range(0, len(values), bit_depth.ROWS)
    if is_float and not all(np.isfinite(values[top : top + bit_depth.ROWS]).all() for top in rows):
        raise BadInput(bit_depth.NOT_FINITE)
    white = bit_depth.white(float(values.max()), is_float, full)
    out = np.empty((*values.shape[:2], min(values.shape[2], 3)), np.uint8)
    for top in rows:
        part = np.clip(values[top : top + bit_depth.ROWS, :, : out.shape[2]] / np.float64(white), 0, 1)
        out[top : top + bit_depth.ROWS] = ((1 - part if zero_is_white else part) * 255).round()
    return Image.fromarray(out if out.shape[2] == 3 else out[..., 0])


def _numbers(value: object) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, tuple) else (value,)  # type: ignore[arg-type, return-value]
