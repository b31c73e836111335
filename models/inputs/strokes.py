"""Strokes of a pen, drawn as ink. The arithmetic is described in `models/inputs/ink.py`."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from models.errors import BadInput

PAD = 280  # pixels, the side of the square pad for strokes
PEN = 18.0  # pixels, the default pen width
FARTHEST = 1_000_000  # pixels from the canvas
MAX_CHUNK = 2**16  # pixels computed at once; more would not fit the processor's cache


class Segments(NamedTuple):
    """The segments of strokes that reach the pad, each array (segments, 2), in pixels.

    low, high: the corners, as (column, row), of the box of pixels that a segment may ink.
    """

    starts: np.ndarray
    steps: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def bounds(self) -> tuple[int, int, int, int]:
        """Top, left, bottom and right of the smallest rectangle of pixels that holds every box."""
        if not len(self.low):
            return 0, 0, 0, 0
        return (*self.low.min(axis=0)[::-1].tolist(), *self.high.max(axis=0)[::-1].tolist())

    @property
    def work(self) -> int:
        """The number of pixels in all boxes."""
        return int((self.high - self.low).prod(axis=1).sum())


class Placed(NamedTuple):
    """Where strokes were placed on the pad.

    scale: pixels of the canvas per pixel of the pad. origin: x and y of the pad's corner on the canvas. notes: for the
    user, if the strokes reached beyond the canvas.
    """

    scale: float
    origin: tuple[float, float]
    notes: tuple[str, ...]


def fitted(strokes: Sequence[np.ndarray], pen: float, side: float) -> tuple[list[np.ndarray], Placed]:
    """The strokes, each (points, 2) on a square canvas of `side` pixels, on the pad.

    Strokes that reach beyond the canvas are moved and, if they are too large for it, scaled to fit. Raises BadInput if
    their coordinates are too large for that.
    """
    scale, low = side / PAD, np.min([points.min(axis=0) for points in strokes], axis=0)
    high = np.max([points.max(axis=0) for points in strokes], axis=0)
    if low.min() >= 0 and high.max() <= side:
        return [points / scale for points in strokes], Placed(scale, (0.0, 0.0), ())
    if max(-low.min(), high.max()) > FARTHEST:
        raise BadInput(f"The coordinates of this drawing are beyond {FARTHEST:,}; send pixels of the {PAD} px pad.")
    larger = float((high - low).max()) > side
    room = (PAD - pen) / PAD if larger else 1.0  # the drawing's edge is the middle of a line
    scale = max(scale, float((high - low).max()) / (PAD * room))
    middle = (low + high) / 2 - scale * PAD / 2
    margin = np.minimum(scale * pen / 2, (scale * PAD - (high - low)) / 2)
    origin = middle if larger else np.clip(0, high + margin - scale * PAD, low - margin)
    note = f"The drawing reaches beyond its {side:g} px canvas; it was {'scaled' if larger else 'moved'} to fit."
    placed = Placed(scale, (float(origin[0]), float(origin[1])), (note,))
    return [(points - origin) / scale for points in strokes], placed


def segments_of(strokes: Sequence[np.ndarray], pen: float, size: int = PAD) -> Segments:
    """The segments of strokes, each (points, 2); a single point is a segment of length 0."""
    reach = pen / 2 + 0.5
    starts = np.concatenate([points[:-1] if len(points) > 1 else points for points in strokes]).astype(np.float32)
    ends = np.concatenate([points[1:] if len(points) > 1 else points for points in strokes]).astype(np.float32)
    low = np.floor(np.minimum(starts, ends) - reach).clip(0, size).astype(int)
    high = np.ceil(np.maximum(starts, ends) + reach).clip(0, size).astype(int)
    inside = (high > low).all(axis=1)
    return Segments(starts[inside], (ends - starts)[inside], low[inside], high[inside])


def draw(segments: Segments, pen: float, size: int = PAD) -> np.ndarray:
    """Draw the segments as ink: float32 (size, size). Segments with boxes of similar size are computed together."""
    reach = pen / 2 + 0.5
    first_row, first_column, past_row, past_column = segments.bounds
    # Squared distances in the rectangle around all ink, capped at the edge of the ink.
    nearest = np.full((past_row - first_row, past_column - first_column), reach * reach, np.float32)
    origin, past = (first_column, first_row), (past_column, past_row)
    for chunk, (columns, rows) in _chunks(segments.high - segments.low):
        # Boxes of one size, inside the rectangle.
        corners = np.minimum(segments.low[chunk], np.subtract(past, (columns, rows)))
        squared = _squared_distances(segments.starts[chunk], segments.steps[chunk], corners, columns, rows)
        for (left, top), values in zip((corners - origin).tolist(), squared, strict=True):
            window = nearest[top : top + rows, left : left + columns]
            np.minimum(window, values, out=window)
    np.sqrt(nearest, nearest)
    np.subtract(np.float32(reach), nearest, nearest)
    np.maximum(nearest, 0, out=nearest)
    ink = np.zeros((size, size), np.float32)
    np.minimum(nearest, 1, out=ink[first_row:past_row, first_column:past_column])
    return ink


def _squared_distances(
    starts: np.ndarray, steps: np.ndarray, corners: np.ndarray, columns: int, rows: int
) -> np.ndarray:
    """Squared distances of pixels from segments, float32 (segments, rows, columns).

    starts, steps: (segments, 2) in pixels. corners: (segments, 2), the first pixel of each segment's box.
    """
    half = np.float32(0.5)
    x = (corners[:, :1] + np.arange(columns)).astype(np.float32) + half - starts[:, :1]  # (segments, columns)
    y = (corners[:, 1:] + np.arange(rows)).astype(np.float32) + half - starts[:, 1:]
    x, y = x[:, None, :], y[:, :, None]
    exact = steps.astype(np.float64)
    length = (exact**2).sum(axis=1, keepdims=True)
    shares = (exact / np.where(length > 0, length, 1)).astype(np.float32)  # 0 for a tap
    along = x * shares[:, 0, None, None] + y * shares[:, 1, None, None]
    np.maximum(along, 0, out=along)
    np.minimum(along, 1, out=along)
    squared = along * steps[:, 0, None, None]
    np.subtract(x, squared, out=squared)
    squared *= squared
    along *= steps[:, 1, None, None]
    np.subtract(y, along, out=along)
    along *= along
    squared += along
    return squared


def _chunks(boxes: np.ndarray) -> Iterator[tuple[np.ndarray, tuple[int, int]]]:
    """Indices of segments to draw at once, with the columns and rows of a box that fits each of them.

    boxes: (segments, 2), the columns and rows of each segment's box.
    """
    order = np.lexsort(boxes.T)
    sizes = boxes[order].tolist()
    first, columns, rows = 0, 0, 0
    for index, (width, height) in enumerate(sizes):
        wider, higher = max(columns, width), max(rows, height)
        if index > first and (index - first + 1) * wider * higher > MAX_CHUNK:
            yield order[first:index], (columns, rows)
            first, wider, higher = index, width, height
        columns, rows = wider, higher
    if sizes:
        yield order[first:], (columns, rows)
