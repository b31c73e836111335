"""Converts drawings to a net's input with MNIST's normalisation, one by one or several of equal size at once.

The ink is cropped to its bounding box (of all ink above 15% of the darkest), scaled by two area matrices, one for rows
and one for columns, so that the longer side has 20 px, and moved by whole pixels so that its centre of mass is at pixel
14 of 28. MNIST's own images pass through this almost unchanged. Values are divided by the maximum. Float32 throughout.
Source of the normalisation: LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to Document Recognition",
1998.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np

from models.errors import BadInput
from models.evidence import Grid
from models.inputs import ink
from models.inputs.ink import Drawing
from models.processors import apart
from models.processors.base import Stage

FAINTEST = 16 / 255  # an image whose strongest ink is below this is blank
EDGE = 0.15  # share of the strongest ink above which ink belongs to the bounding box
MAX_SIZE = 64  # pixels; the memory of `occlusions` grows with its fourth power
OCCLUDED = 5  # pixels, the side of the window that is removed to measure its contribution
ORIGIN = (0, 0)
SAMPLE = 1_000  # training inputs from which the limit of the note on two characters is learnt
SLACK = 1  # logits, between the scores of training inputs and the limit
BLANK = "The drawing is blank; draw something, or choose an image with a clear character on it."


@dataclass(frozen=True)
class Frame:
    """The position of the net's square on each source image; arrays of shape (N,).

    Target row i covers `scale_y` source rows from `y0 + (i - top) * scale_y`; columns likewise. `rows` and `columns`
    are the size of the box in the target.
    """

    y0: np.ndarray
    x0: np.ndarray
    scale_y: np.ndarray
    scale_x: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    top: np.ndarray
    left: np.ndarray

    def row(self, index: int) -> "Frame":
        """The frame of one of the images, with arrays of shape (1,)."""
        return Frame(**{name: values[index : index + 1] for name, values in vars(self).items()})


@dataclass(frozen=True)
class Ink:
    """The processor of ink tasks.

    size, box: in pixels. apart_limit: the score in logits (`models/processors/apart.py`) above which a note says that a
    drawing shows more than one character.
    """

    size: int = 28
    box: int = 20
    apart_limit: int = apart.LIMIT
    kind = "ink"

    def __post_init__(self) -> None:
        if type(self.size) is not int or type(self.box) is not int or not 1 <= self.box <= self.size <= MAX_SIZE:
            raise ValueError(
                "size and box must be whole numbers of pixels, the box no larger than the size, the size at most "
                f"{MAX_SIZE}"
            )
        if type(self.apart_limit) is not int:
            raise ValueError("apart_limit must be a whole number")

    def fit(self, raws: Iterable[Any], more: Iterable[str] = ()) -> "Ink":
        """The processor with a limit for the note on two characters that suits the training inputs.

        Characters may have separate parts: a colon, an i, runes. If more than 1% of a sample have scores above the
        default limit, the limit is set above those of 99%.
        """
        scores = [self.apart_score(drawing) for drawing in self._sample(raws)]
        highest = float(np.quantile(scores, 0.99)) if scores else 0.0
        return replace(self, apart_limit=ceil(highest + SLACK)) if highest > apart.LIMIT else self

    def _sample(self, raws: Iterable[Any]) -> list[Drawing]:
        """Up to SAMPLE readable drawings, drawn at random with seed 0."""
        random, drawn = np.random.default_rng(0), []
        for number, raw in enumerate(raws):
            place = number if number < SAMPLE else int(random.integers(number + 1))
            if place < SAMPLE:
                drawn[place : place + 1] = [raw]
        drawings = []
        for raw in drawn:
            with suppress(BadInput):
                drawing = self.read(raw)
                self._frame_of(drawing)  # raises if it is blank
                drawings.append(drawing)
        return drawings

    def sizes(self) -> dict[str, int]:
        """No arguments; the nets have a fixed input size."""
        return {}

    def known(self) -> tuple[str, ...]:
        """No vocabulary."""
        return ()

    def read(self, raw: Any) -> Drawing:
        """The canonical input; see `models.inputs.ink.read`."""
        return ink.read(raw)

    def process(self, drawing: Drawing) -> dict[str, np.ndarray]:
        """`{"x": float32 (1, size, size)}`, 0 paper to 1 ink. Raises BadInput if it is blank."""
        return {"x": self._cut(*_inked(drawing), self._frame_of(drawing))}

    def process_batch(self, drawings: Sequence[Drawing]) -> dict[str, np.ndarray]:
        """`{"x": float32 (N, 1, size, size)}`, equal to the arrays of `process`.

        Images of the same shape are processed together. Strokes are not: the ink of each is elsewhere on the pad.
        """
        x = np.empty((len(drawings), 1, self.size, self.size), np.float32)
        groups: dict[tuple[int, ...], list[int]] = {}
        for index, drawing in enumerate(drawings):
            if drawing.bounds is None:
                groups.setdefault(drawing.ink.shape, []).append(index)
            else:
                x[index] = self.process(drawing)["x"]
        for indices in groups.values():
            for start in range(0, len(indices), 256):  # bounds the memory: 256 images of 560 px are 320 MB
                chunk = indices[start : start + 256]
                images = np.stack([drawings[index].ink for index in chunk])
                frame = self._frame(images)
                x[chunk, 0] = self._cut(images, ORIGIN, frame)
                for row, index in enumerate(chunk):
                    drawings[index].memo[self] = frame.row(row)  # for the notes
        return {"x": x}

    def collate(self, items: Sequence[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """Join results of `process` into one batch."""
        return {"x": np.stack([item["x"] for item in items])}

    def normalise(self, images: np.ndarray) -> np.ndarray:
        """Normalise ink, float32 (N, height, width), to (N, size, size). Raises BadInput if any drawing is blank."""
        return self._cut(images, ORIGIN, self._frame(images))

    def _cut(self, images: np.ndarray, corner: tuple[int, int], frame: Frame) -> np.ndarray:
        """The net's squares, (N, size, size). corner: row and column of the images' first pixel in the frame."""
        down = _area(frame.y0 - corner[0], frame.scale_y, frame.top, self.size, images.shape[1])
        across = _area(frame.x0 - corner[1], frame.scale_x, frame.left, self.size, images.shape[2])
        x = np.matmul(np.matmul(down, images), across.transpose(0, 2, 1))
        return x / x.max(axis=(1, 2), keepdims=True)

    def places(self, drawing: Drawing) -> Grid:
        """The rectangle of the drawing that the net's square covers (pad pixels, or pixels of the upright image)."""
        frame = self._frame_of(drawing)
        left = frame.x0[0] - frame.left[0] * frame.scale_x[0]
        top = frame.y0[0] - frame.top[0] * frame.scale_y[0]
        width, height = self.size * frame.scale_x[0], self.size * frame.scale_y[0]
        left, top, width, height = (float(value * drawing.scale) for value in (left, top, width, height))
        return Grid(self.size, self.size, left + drawing.origin[0], top + drawing.origin[1], width, height)

    def notes(self, drawing: Drawing) -> tuple[str, ...]:
        """Remarks on this input for the user, one sentence each; usually none."""
        two = self.apart_score(drawing) > self.apart_limit
        return (*drawing.notes, *(("This looks like more than one character; draw one at a time.",) if two else ()))

    def apart_score(self, drawing: Drawing) -> float:
        """How much the drawing looks like two characters, in logits."""
        return apart.score(self.cropped(drawing), drawing.strokes, drawing.pen)

    def cropped(self, drawing: Drawing) -> np.ndarray:
        """The ink in its bounding box, (height, width)."""
        frame = self._frame_of(drawing)
        y0, x0 = int(frame.y0[0]), int(frame.x0[0])
        y1 = y0 + round(float(frame.scale_y[0] * frame.rows[0]))
        x1 = x0 + round(float(frame.scale_x[0] * frame.columns[0]))
        return drawing.ink[y0:y1, x0:x1]

    def stages(self, drawing: Drawing) -> list[Stage]:
        """The steps from the drawing to the net's input, as pictures."""
        x = self.process(drawing)["x"][0]
        return [
            Stage("Your ink", "Everything darker or lighter than the paper.", _picture(drawing.ink)),
            Stage("Cropped", "The empty margins are removed.", _picture(self.cropped(drawing))),
            Stage(
                "What the net sees",
                f"Scaled to {self.box} pixels and centred by weight in {self.size} x {self.size} pixels.",
                _picture(x),
            ),
        ]

    def occlusions(self, arrays: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Copies of one processed input, each with a 5x5 window removed; one for each window that contains ink.

        Returns `{"x": (K, 1, size, size)}` and the K cells (row-major indices into the size x size grid) at the centres
        of the windows.
        """
        x = arrays["x"][0]
        padded = np.pad(x > 0.1, OCCLUDED // 2)
        inked = np.lib.stride_tricks.sliding_window_view(padded, (OCCLUDED, OCCLUDED)).any(axis=(2, 3))
        spots = np.flatnonzero(inked)
        index = np.arange(self.size)
        near_row = np.abs(index - spots[:, None] // self.size) <= OCCLUDED // 2  # (K, size)
        near_column = np.abs(index - spots[:, None] % self.size) <= OCCLUDED // 2
        window = near_row[:, :, None] & near_column[:, None, :]
        return {"x": np.where(window, np.float32(0), x)[:, None]}, spots

    def to_dict(self) -> dict[str, Any]:
        """The content of `processor.json`."""
        limit = {"apart_limit": self.apart_limit} if self.apart_limit != apart.LIMIT else {}
        return {"name": "ink", "size": self.size, "box": self.box, **limit}

    def _frame_of(self, drawing: Drawing) -> Frame:
        """The frame of one drawing, computed only once."""
        if self not in drawing.memo:
            images, (top, left) = _inked(drawing)
            frame = self._frame(images)
            drawing.memo[self] = replace(frame, y0=frame.y0 + top, x0=frame.x0 + left)
        return drawing.memo[self]

    def _frame(self, images: np.ndarray) -> Frame:
        if not images.size:
            raise BadInput(BLANK)
        of_rows, of_columns = images.max(axis=2), images.max(axis=1)
        strongest = of_rows.max(axis=1, keepdims=True)
        if not (strongest >= FAINTEST).all():
            raise BadInput(BLANK)
        y0, y1 = _extent(of_rows > EDGE * strongest)
        x0, x1 = _extent(of_columns > EDGE * strongest)
        height, width = y1 - y0, x1 - x0
        longer = np.maximum(height, width)
        rows = np.maximum(1, np.floor(height * self.box / longer + 0.5)).astype(int)
        columns = np.maximum(1, np.floor(width * self.box / longer + 0.5)).astype(int)
        top = self._shift(images.sum(axis=2), y0, height, rows)
        left = self._shift(images.sum(axis=1), x0, width, columns)
        return Frame(y0, x0, height / rows, width / columns, rows, columns, top, left)

    def _shift(self, mass: np.ndarray, start: np.ndarray, length: np.ndarray, target: np.ndarray) -> np.ndarray:
        """The first target row (or column) of the box that places the centre of mass in the middle.

        Mass is (N, length).
        """
        position = np.arange(mass.shape[1])
        rim = length / target  # one target pixel: the faint edge of a line lies just outside the box
        inside = (position >= (start - rim)[:, None]) & (position < (start + length + rim)[:, None])
        weight = mass * inside
        centre = (weight @ (position + 0.5)) / weight.sum(axis=1)  # in source pixels, from the edge of the image
        scaled = (centre - start) * target / length - 0.5  # index in the box
        return np.clip(np.floor(self.size / 2 - scaled + 0.5), 0, self.size - target).astype(int)


def _inked(drawing: Drawing) -> tuple[np.ndarray, tuple[int, int]]:
    """The part of a drawing that contains its ink, (1, rows, columns), and the row and column of its first pixel."""
    if drawing.bounds is None:
        return drawing.ink[None], ORIGIN
    top, left, bottom, right = drawing.bounds
    return drawing.ink[None, top:bottom, left:right], (top, left)


def _extent(any_ink: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The index of the first True of each row and one past the last, (N,) each."""
    return any_ink.argmax(axis=1), any_ink.shape[1] - any_ink[:, ::-1].argmax(axis=1)


def _area(start: np.ndarray, scale: np.ndarray, offset: np.ndarray, size: int, length: int) -> np.ndarray:
    """Area matrices (N, size, length), float32: row i holds each source pixel's share of target pixel i.

    Past the image it is 0.
    """
    index = np.arange(size)[None, :, None] - offset[:, None, None]
    low = start[:, None, None] + index * scale[:, None, None]
    first = max(0, int(low.min()))  # outside these pixels every share is 0
    past = min(length, int((low[:, -1] + scale[:, None]).max()) + 1)
    pixel = np.arange(first, past)
    overlap = np.minimum(low + scale[:, None, None], pixel + 1) - np.maximum(low, pixel)
    shares = np.zeros((len(start), size, length), np.float32)
    np.maximum(overlap, 0, out=overlap)
    np.divide(overlap, scale[:, None, None], out=shares[:, :, first:past], casting="same_kind")
    return shares


def _picture(values: np.ndarray) -> np.ndarray:
    top = float(values.max()) or 1.0
    return np.round(255 - 255 * np.clip(values / top, 0, 1)).astype(np.uint8)
