"""A drawing as the parameter `ink=` of a link.

Every point as the step from the last, in tenths of a pad pixel, compressed.

Integers with seven bits per byte, the lowest first: VERSION, ten times the pen width, the number of strokes; for each
stroke the number of points, then the x and y step of each (zigzag: 0, -1, 1, -2, ... are 0, 1, 2, 3, ...). Then zlib
and URL-safe base64.
"""

import base64
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from models.errors import BadInput, ZooError
from models.inputs import ink
from models.inputs.strokes import PAD

VERSION = 1
MAX_LENGTH = 6_000  # characters; servers and chat programs cut longer addresses
MAX_UNPACKED_BYTES = 32_000  # bytes after decompression
TENTHS = 10
DAMAGED = "The drawing in this link is damaged, so the pad is empty. Ask for a new link, or draw something."


def encode(strokes: Sequence[Any], pen: float) -> str:
    """The code; empty if the drawing cannot be read or is too long for a link."""
    try:
        ink.read({"strokes": strokes, "pen": pen})
    except ZooError:
        return ""
    numbers = [VERSION, round(pen * TENTHS), len(strokes)]
    last = (0, 0)
    for stroke in strokes:
        numbers.append(len(stroke))
        for point in stroke:
            position = tuple(round(min(max(value, 0), PAD) * TENTHS) for value in point)
            numbers += [_zigzag(now - before) for now, before in zip(position, last, strict=True)]
            last = position
    packed = zlib.compress(b"".join(map(_bytes, numbers)), 9)
    code = base64.urlsafe_b64encode(packed).decode().rstrip("=")
    return code if len(code) <= MAX_LENGTH else ""


def decode(code: str) -> dict[str, Any]:
    """`{"strokes", "pen"}`. Raises BadInput for a code that `encode` did not write."""
    if len(code) > MAX_LENGTH:
        raise BadInput(DAMAGED)
    try:
        packed = base64.b64decode(code + "=" * (-len(code) % 4), altchars=b"-_", validate=True)
        decompressor = zlib.decompressobj()
        data = decompressor.decompress(packed, MAX_UNPACKED_BYTES)
        if not decompressor.eof or decompressor.unused_data:
            raise ValueError("too long after decompression, or no proper end")
        return _drawing(_numbers(data))
    except (BadInput, ValueError, zlib.error, StopIteration) as error:
        raise BadInput(DAMAGED) from error


def _drawing(numbers: Iterator[int]) -> dict[str, Any]:
    version, pen, count = next(numbers), next(numbers), next(numbers)
    if version != VERSION:
        raise ValueError(f"version {version}")
    strokes, x, y = [], 0, 0
    for _ in range(count):
        stroke = []
        for _ in range(next(numbers)):
            x, y = x + _unzigzag(next(numbers)), y + _unzigzag(next(numbers))
            if not (0 <= x <= PAD * TENTHS and 0 <= y <= PAD * TENTHS):
                raise ValueError("a point outside the pad")
            stroke.append([x / TENTHS, y / TENTHS])
        strokes.append(stroke)
    if next(numbers, None) is not None:
        raise ValueError("data after the last stroke")
    drawing = {"strokes": strokes, "pen": pen / TENTHS}
    ink.read(drawing)
    return drawing


def _numbers(data: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in data:
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield number
            number = shift = 0
        elif shift > 28:
            raise ValueError("a number that is too large")


def _bytes(number: int) -> bytes:
    parts = []
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def _zigzag(step: int) -> int:
    return 2 * step if step >= 0 else -2 * step - 1


def _unzigzag(number: int) -> int:
    return number // 2 if number % 2 == 0 else -(number + 1) // 2
