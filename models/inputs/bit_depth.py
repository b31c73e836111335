"""Images with more than 8 bits per channel, scaled to 8 bits by the range that their values use.

Cameras and microscopes store 9 to 14 bits in 16 without saying so. A range is that of the smallest number of bits
that all values fit into; 15 bits count as 16.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image

from models.errors import BadInput

ROWS = 256  # converted at a time, to bound the memory
SHORT_BITS = range(9, 15)  # numbers of bits that are stored in 16
LONG_BITS = range(17, 29)  # and in 32
NOT_FINITE = "This image contains NaN or infinity; save it as an ordinary PNG."
PHOTOMETRIC, BITS, SAMPLE_FORMAT = 262, 258, 339  # tags of a TIFF
UNSIGNED, SIGNED = 1, 2  # sample formats
SWAPPED = {"B": "L", "L": "B", "N": "B"}  # byte orders of Pillow's raw modes; N is little-endian on supported machines


def white(largest: float, is_float: bool = False, full: int = 65535) -> float:
    """The value of white, given the largest value of an image.

    full: the largest value that integer pixels of this type have. Raises BadInput for NaN or infinity.
    """
    if not np.isfinite(largest):
        raise BadInput(NOT_FINITE)
    if largest <= (2 if is_float else 1):  # resampled floats exceed 1
        return 1.0
    ranges = [255, *(2**bits - 1 for bits in SHORT_BITS), min(full, 65535)]
    if not is_float:
        ranges += [*(2**bits - 1 for bits in LONG_BITS), full]
    slack = 1.1 if is_float else 1
    return float(next((top for top in ranges if largest <= slack * top), largest))


def prepared(image: Image.Image) -> tuple[Image.Image, float, bool]:
    """An image of mode I;16, I or F as one of mode I or F, its value of white, and whether 0 is white.

    Raises BadInput. Pillow inverts a TIFF whose 0 is white only if it has 8 bits, and reads unsigned 32-bit values as
    signed ones.
    """
    tags = getattr(image, "tag_v2", {})
    bits, signed = _first(tags.get(BITS, 16)), _first(tags.get(SAMPLE_FORMAT, UNSIGNED)) == SIGNED
    is_float = image.mode == "F"
    if image.mode not in ("I", "F"):
        image = image.convert("I")
    if image.mode == "I" and bits == 32 and not signed and image.getextrema()[0] < 0:
        image = _by_rows(image, "F", lambda rows: rows.view(np.uint32).astype(np.float32))
    full = 2 ** (bits - signed) - 1 if bits in (16, 32) else 65535
    top = white(image.getextrema()[1], is_float, full)
    return image, top, tags.get(PHOTOMETRIC) == 0


def eight_bit(image: Image.Image, top: float, inverted: bool = False) -> Image.Image:
    """Convert mode I or F to L; `top` becomes 255 and is 0 if `inverted`. Raises BadInput for NaN or infinity."""
    values = np.asarray(image, dtype=np.float32)
    if not np.isfinite(values).all():
        raise BadInput(NOT_FINITE)
    values = np.clip(values / np.float32(top), 0, 1)
    return Image.fromarray(((1 - values if inverted else values) * 255).round().astype(np.uint8))


def is_deep(image: Image.Image) -> bool:
    """Whether a file that is not yet decoded has 16 bits for each of red, green and blue."""
    return image.mode == "RGB" and bool(image.tile) and _raw_mode(image.tile[0])[:-1] in ("RGB;16", "RGBX;16")


def brightened(image: Image.Image, reopen: Callable[[], Image.Image]) -> Image.Image:
    """A decoded image that `is_deep`, scaled if its values have 9 to 14 bits; Pillow keeps the upper 8 of 16.

    reopen: opens the file again. It is decoded with the bytes of each value swapped, which gives the lower 8 bits.
    """
    highest = max(high for _, high in image.getextrema())
    if highest >= 2 ** (SHORT_BITS[-1] - 8):
        return image
    lower = reopen()
    lower.tile = [tile._replace(args=_swapped(tile.args)) for tile in lower.tile]
    lower.load()

    def values(top: int) -> np.ndarray:
        box = (0, top, image.width, min(top + ROWS, image.height))
        high, low = (np.asarray(part.crop(box), np.uint16) for part in (image, lower))
        return high * np.uint16(256) + low

    largest = max(int(values(top).max()) for top in range(0, image.height, ROWS))
    scale = np.float32(255 / white(largest))
    for top in range(0, image.height, ROWS):
        image.paste(Image.fromarray((values(top) * scale).round().astype(np.uint8)), (0, top))
    return image


def _swapped(args: object) -> object:
    raw_mode, *rest = (args,) if isinstance(args, str) else args  # type: ignore[misc]
    raw_mode = raw_mode[:-1] + SWAPPED[raw_mode[-1]]
    return raw_mode if isinstance(args, str) else (raw_mode, *rest)


def _raw_mode(tile: tuple) -> str:
    args = tile[3]
    return args if isinstance(args, str) else str(args[0]) if args else ""


def _by_rows(image: Image.Image, mode: str, change: Callable[[np.ndarray], np.ndarray]) -> Image.Image:
    changed = Image.new(mode, image.size)
    for top in range(0, image.height, ROWS):
        rows = np.asarray(image.crop((0, top, image.width, min(top + ROWS, image.height))))
        changed.paste(Image.fromarray(change(rows)), (0, top))
    return changed


def _first(value: object) -> int:
    return value[0] if isinstance(value, tuple) else value  # type: ignore[return-value]
