"""A drawing as a few letters of a link, `ink=`: every point as its step from the last, in tenths of a pad pixel, compressed.

Whole numbers, seven bits a byte, the lowest first: VERSION, ten times the pen, how many strokes; for each stroke how many points,
then a step across and a step down for each (zigzag: 0, -1, 1, -2, ... are 0, 1, 2, 3, ...). zlib, then base64 for addresses.
"""

import base64
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from models.errors import BadInput, ZooError
from models.inputs import ink
from models.inputs.ink import PAD

VERSION = 1
MAX_LETTERS = 6_000  # letters; servers and chat programs cut longer addresses
MAX_UNPACKED_BYTES = 32_000  # bytes it may unfold to
TENTHS = 10
DAMAGED = "The drawing in this link is damaged, so the pad is empty. Ask for the link again, or draw."


def encode(strokes: Sequence[Any], pen: float) -> str:
    """The letters; none where the drawing cannot be read or is too long for a link."""
    try:
        ink.read({"strokes": strokes, "pen": pen})
    except ZooError:
        return ""
    numbers = [VERSION, round(pen * TENTHS), len(strokes)]
    last = (0, 0)
    for stroke in strokes:
        numbers.append(len(stroke))
        for point in stroke:
            here = tuple(round(min(max(value, 0), PAD) * TENTHS) for value in point)
            numbers += [_zigzag(now - before) for now, before in zip(here, last, strict=True)]
            last = here
    packed = zlib.compress(b"".join(map(_bytes, numbers)), 9)
    letters = base64.urlsafe_b64encode(packed).decode().rstrip("=")
    return letters if len(letters) <= MAX_LETTERS else ""


def decode(letters: str) -> dict[str, Any]:
    """`{"strokes", "pen"}`. Raises BadInput, in one sentence, for whatever `encode` did not write."""
    if len(letters) > MAX_LETTERS:
        raise BadInput(DAMAGED)
    try:
        packed = base64.b64decode(letters + "=" * (-len(letters) % 4), altchars=b"-_", validate=True)
        unfolding = zlib.decompressobj()
        data = unfolding.decompress(packed, MAX_UNPACKED_BYTES)
        if not unfolding.eof or unfolding.unused_data:
            raise ValueError("it unfolds to too much, or does not end where it should")
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
                raise ValueError("a point lies beside the pad")
            stroke.append([x / TENTHS, y / TENTHS])
        strokes.append(stroke)
    if next(numbers, None) is not None:
        raise ValueError("something is left over")
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
            raise ValueError("a number is too large")


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
