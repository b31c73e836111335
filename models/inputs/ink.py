"""Ink: a drawing of one character, from strokes or any kind of image, as one array of ink on empty paper.

The arithmetic avoids library calls that JavaScript could not repeat:

- A stroke of pen width w is drawn on the 280 px pad as `clip(w / 2 + 0.5 - d, 0, 1)`, where d is the distance in pixels
  from the centre of a pixel (x + 0.5, y + 0.5) to the nearest segment; a tap is a dot.
- In a drawn image, and in any image below 64 px, the grey of the paper is the median of the outermost pixels. Ink is
  the difference from the paper in the direction (darker or lighter) that differs more, minus a floor of 4.45 median
  absolute deviations of the outermost pixels (three standard deviations of normal noise), 0 for clean drawings.
- A photo of 64 px or more is read by `models/inputs/paper.py`.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from models.errors import BadInput, TooLarge
from models.inputs.paper import MARKS, is_plain, read_paper, without_marks
from models.inputs.picture import SMALL, downscale, from_array, open_image
from models.inputs.strokes import PAD, PEN, draw, fitted, segments_of

MAX_POINTS = 20_000  # of one drawing; an hour of scribbling has fewer
MAX_CANVAS = 100_000  # pixels
THINNEST = 8.0  # pixels; a pen of a larger canvas is not scaled below this, which nets read reliably
MAX_WORK = 20_000_000  # pixels in the bounding boxes of all segments: 250 lines from corner to corner
SAME = 1.5 / 255  # greys that differ by at most this are the same
ALL = 0.995  # the share of the outermost pixels that are the same grey around a drawing
LETTERBOX = 0.06  # difference of grey between a photo and the frame around it
IMAGE_SIDE = 560  # pixels; larger images are downscaled by averaging, which also reduces the noise of a photo


@dataclass(frozen=True, eq=False)
class Drawing:
    """The canonical ink input.

    ink: float32 (height, width), 0 paper to 1 ink; faint ink in an image may stay below 1, the processor scales it.
    strokes: as drawn, in pad pixels, or None for an image; pen: their width.
    scale: pixels of the upright original, or of the canvas, per pixel of `ink`.
    origin: x and y of the first pixel of `ink` on the original, in its pixels.
    bounds: top, left, bottom and right of a rectangle that contains all ink, or None if it may be anywhere.
    notes: remarks about how the drawing was read, a sentence each.
    memo: intermediate results by processor, so that no step is repeated.
    """

    ink: np.ndarray
    strokes: tuple[tuple[tuple[float, float], ...], ...] | None = None
    pen: float = PEN
    scale: float = 1.0
    origin: tuple[float, float] = (0.0, 0.0)
    bounds: tuple[int, int, int, int] | None = None
    notes: tuple[str, ...] = ()
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)


def read(raw: Any, pen: float = PEN) -> Drawing:
    """Read a file (Path or str), bytes, PIL image, array, strokes, `{"strokes": ..., "pen": ...}` or Gradio sketch.

    `{"strokes": ..., "size": 500}` are strokes on a canvas of 500 px, or of `[width, height]`, instead of the pad.
    Arrays are (height, width[, channels]), uint8 or floats from 0 to 1. Raises BadInput or TooLarge.
    """
    if isinstance(raw, Drawing):
        return raw
    if isinstance(raw, dict) and "strokes" in raw:
        return _from_strokes(raw["strokes"], raw.get("pen"), raw.get("size"), pen)
    if isinstance(raw, dict) and "composite" in raw:  # the value of Gradio's Sketchpad
        raw = raw["composite"]
    if raw is None:
        raise BadInput("There is no drawing yet; draw something or choose an image.")
    if isinstance(raw, list | tuple):
        return _from_strokes(raw, None, None, pen)
    if isinstance(raw, np.ndarray):
        raw = from_array(raw)
    if isinstance(raw, str):
        raw = Path(raw)
    if not isinstance(raw, bytes | bytearray | Path | Image.Image):
        raise BadInput(
            f"A drawing must be an image or strokes [[[x, y], ...], ...], not {type(raw).__name__}; send one of these."
        )
    image, original, notes = open_image(raw)
    image = downscale(image, IMAGE_SIDE)
    values, more = _ink_of(_grey(image))
    return Drawing(ink=values, scale=max(original) / max(image.size), notes=(*notes, *more))


def _ink_of(grey: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """The ink in a grey image, float32 (height, width) from 0 to 1, and notes. Raises BadInput for a photo without."""
    if min(grey.shape) < SMALL:
        return _difference(grey), ()
    frame = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    paper = _median(frame)
    if _share_of(frame, paper) > ALL:
        return _inside(grey, paper)
    drawn = _share_of(frame, paper) > 0.5 and float((grey == paper).mean()) > 0.45 and is_plain(grey, paper)
    return (_difference(grey), ()) if drawn else read_paper(grey)


def _inside(grey: np.ndarray, paper: float) -> tuple[np.ndarray, tuple[str, ...]]:
    """The ink in an image with a frame of one grey: a drawing, or a photo on a larger page or screen."""
    other = np.abs(grey - np.float32(paper)) > LETTERBOX
    rows, columns = np.flatnonzero(other.any(axis=1)), np.flatnonzero(other.any(axis=0))
    if min(len(rows), len(columns)) < SMALL:
        return _unmarked(grey)
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    rim = [other[box][0], other[box][-1], other[box][:, 0], other[box][:, -1]]
    if min(float(edge.mean()) for edge in rim) < 0.9 or float(np.ptp(grey[box])) < LETTERBOX:
        return _unmarked(grey)
    ink = np.zeros_like(grey)
    ink[box], notes = read_paper(grey[box])
    return ink, notes


def _unmarked(grey: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    ink, marks = without_marks(_difference(grey))
    return ink, (MARKS,) if marks else ()


def _share_of(values: np.ndarray, grey: float) -> float:
    return float((np.abs(values - np.float32(grey)) <= SAME).mean())


def _difference(grey: np.ndarray) -> np.ndarray:
    """What differs from the median of the outermost pixels, in the direction that differs more."""
    frame = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    difference = grey - np.float32(_median(frame))
    around = np.abs(np.concatenate([difference[0], difference[-1], difference[:, 0], difference[:, -1]]))
    darker, lighter = np.maximum(-difference, 0), np.maximum(difference, 0)
    ink = darker if np.vdot(darker, darker) >= np.vdot(lighter, lighter) else lighter
    floor = min(4.45 * _median(around), 0.5 * float(ink.max()))
    return np.maximum(ink - np.float32(floor), 0) if floor else ink


def _median(values: np.ndarray) -> float:
    """The median (the upper one of an even number of values), ten times faster than NumPy's for few values."""
    return float(np.partition(values, values.size // 2)[values.size // 2])


def _grey(image: Image.Image) -> np.ndarray:
    """Luminance from 0 to 1; transparent pixels become paper: white under dark ink, black under light ink."""
    if image.mode in ("LA", "RGBA"):
        values = np.asarray(image, dtype=np.float32) / 255
        alpha = values[..., -1]
        light = values[..., 0] if image.mode == "LA" else values[..., :3] @ np.float32([0.299, 0.587, 0.114])
        opaque = float(alpha.sum())
        if opaque == 0:
            raise BadInput(
                "This drawing is blank: it is completely transparent. Draw something or choose another image."
            )
        paper = 0.0 if alpha.min() < 1 and float((light * alpha).sum()) / opaque > 0.5 else 1.0
        return light * alpha + np.float32(paper) * (1 - alpha)
    if image.mode == "RGB":
        return np.asarray(image, dtype=np.float32) @ (np.float32([0.299, 0.587, 0.114]) / np.float32(255))
    return np.asarray(image, dtype=np.float32) / 255


def _from_strokes(raw: Any, pen: Any, size: Any, default_pen: Any) -> Drawing:
    """Strokes in pixels of the pad, or of a canvas of this size; pen: in the same pixels, by default the pad's."""
    width = default_pen if pen is None else pen
    if not _is_number(width) or not 1 <= width <= 100:
        raise BadInput(f"The pen width is {_short(width)}; expected a number from 1 to 100 pixels.")
    side = _side(size)
    width = float(width)
    if not isinstance(raw, list | tuple):
        raise BadInput(f"Strokes must be a list of lists of [x, y], not {type(raw).__name__}.")
    if (
        sum(len(stroke) for stroke in raw if isinstance(stroke, list | tuple | np.ndarray)) > MAX_POINTS
        or len(raw) > MAX_POINTS
    ):
        raise TooLarge(
            f"This drawing has too many points; at most {MAX_POINTS:,} are allowed. Clear the pad and draw again."
        )
    strokes = []
    for stroke in raw:
        try:
            types = {type(value) for point in stroke for value in point}
            numbers = types <= {int, float} or all(_is_number(value) for point in stroke for value in point)
            points = np.asarray(stroke if numbers else [], dtype=np.float64)
        except (TypeError, ValueError, OverflowError):
            points = np.empty(0)
        if points.size == 0 and isinstance(stroke, list | tuple) and not len(stroke):
            continue
        if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
            raise BadInput("Each stroke must be a list of [x, y] with two finite numbers, in pixels of the 280 px pad.")
        strokes.append(points)
    if not strokes:
        raise BadInput("The drawing is blank; draw something.")
    strokes, placed = fitted(strokes, width, side)
    if pen is not None:
        width = max(width / placed.scale, min(width, THINNEST))
    segments = segments_of(strokes, width)
    if segments.work > MAX_WORK:
        raise TooLarge("This drawing has too many long lines to draw; clear the pad and draw a single character.")
    plain = tuple(tuple(map(tuple, points.tolist())) for points in strokes)
    return Drawing(
        ink=draw(segments, width),
        strokes=plain,
        pen=width,
        scale=placed.scale,
        origin=placed.origin,
        notes=placed.notes,
        bounds=segments.bounds,
    )


def _side(size: Any) -> float:
    """The longer side of the canvas in pixels: `size` is a number or [width, height], by default the pad's."""
    sides = [PAD] if size is None else list(size) if isinstance(size, list | tuple) and len(size) == 2 else [size]
    if not all(_is_number(side) and 1 <= side <= MAX_CANVAS for side in sides):
        raise BadInput(
            f"The size is {_short(size)}; expected a canvas of 1 to {MAX_CANVAS:,} pixels, as a number or "
            "[width, height]."
        )
    return float(max(sides))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def _short(value: Any) -> str:
    """A short form of a wrong value for an error: Python refuses to format integers of thousands of digits."""
    return "far too large" if isinstance(value, int) and abs(value) > 1e9 else f"{value!r:.40}"
