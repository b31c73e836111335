"""Converts a picture of a garment to what Fashion-MNIST holds: cut out, grey, on black, in 28 x 28 pixels.

The publisher's pictures were trimmed, their longer side was scaled to 28 pixels, the shorter one was padded, and
their greys were inverted, so that the white ground became black. A picture of 28 x 28 pixels is taken as it is, or
inverted if its edge is white. From a larger one, the garment is cut out (`models/inputs/cutout.py`). On a light
ground, its greys are inverted as the publisher did; on a dark ground they stay, because there the garment is lighter.
A drawn outline is filled with grey.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from models.errors import BadInput
from models.evidence import Grid
from models.inputs import picture
from models.inputs.cutout import CutOut, cut_out, luminance
from models.inputs.picture import Picture, downscale
from models.processors.base import Stage
from models.processors.ink import MAX_SIZE, Ink

WORKING = 224  # pixels, the longer side of the picture that is cut
WHITE = 0.97  # a grey above this is white
FILLING = 0.6  # the grey of a filled outline
NOT_PLAIN = "The background is not plain, so the whole picture was used. Put the garment on a plain background."
OUTLINE = "This looks like an outline, so it was filled with grey."
BLANK = "No garment was found. Choose a picture in which it stands out from the background."


@dataclass(frozen=True, eq=False)
class Cut:
    """A garment cut out: its greys as the net takes them, float32 (height, width), 0 for the ground, and its box.

    top, left: of the box in the working picture, which has `scale` pixels of the original per pixel.
    """

    picture: np.ndarray
    found: CutOut | None
    values: np.ndarray
    top: int
    left: int
    scale: float


@dataclass(frozen=True)
class Garment:
    """The processor of the clothes task. size: in pixels."""

    size: int = 28
    kind = "picture"

    def __post_init__(self) -> None:
        if type(self.size) is not int or not 1 <= self.size <= MAX_SIZE:
            raise ValueError(f"size must be a whole number of pixels from 1 to {MAX_SIZE}")

    def fit(self, raws: Iterable[Any], more: Iterable[str] = ()) -> "Garment":
        """This processor, since there is nothing to fit."""
        return self

    def sizes(self) -> dict[str, int]:
        """No arguments; the nets have a fixed input size."""
        return {}

    def known(self) -> tuple[str, ...]:
        """No vocabulary."""
        return ()

    def read(self, raw: Any) -> Picture:
        """The canonical input; see `models.inputs.picture.read`."""
        return picture.read(raw)

    def process(self, photo: Picture) -> dict[str, np.ndarray]:
        """`{"x": float32 (1, size, size)}`, 0 ground to 1. Raises BadInput if there is only ground."""
        return {"x": self._fitted(self._cut(photo))[None]}

    def process_batch(self, photos: Sequence[Picture]) -> dict[str, np.ndarray]:
        """`{"x": float32 (N, 1, size, size)}`, equal to the arrays of `process`."""
        return self.collate([self.process(photo) for photo in photos])

    def collate(self, items: Sequence[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """Join results of `process` into one batch."""
        return {"x": np.stack([item["x"] for item in items])}

    def places(self, photo: Picture) -> Grid:
        """The square of the picture that the net sees, in pixels of the upright original."""
        cut = self._cut(photo)
        height, width = cut.values.shape
        unit = max(height, width) * cut.scale / self.size
        rows, columns = self._fit_of(cut.values.shape)
        left = cut.left * cut.scale - (self.size - columns) // 2 * unit
        top = cut.top * cut.scale - (self.size - rows) // 2 * unit
        return Grid(self.size, self.size, left, top, unit * self.size, unit * self.size)

    def notes(self, photo: Picture) -> tuple[str, ...]:
        """Remarks on this input for the user, one sentence each; usually none."""
        if self._is_small(photo):
            return ()  # it has all the detail that the net takes
        found = self._cut(photo).found
        more = (NOT_PLAIN,) if not found.is_plain else (OUTLINE,) if found.hollow else ()
        return (*photo.notes, *more)

    def stages(self, photo: Picture) -> list[Stage]:
        """The steps from the picture to the net's input, as pictures."""
        cut = self._cut(photo)
        shown = np.round(255 * cut.picture).astype(np.uint8)
        stages = [Stage("Your picture", "Upright, in red, green and blue.", shown)]
        if cut.found is not None:
            ground = np.float32([1.0, 0.0, 1.0])
            marked = np.where(cut.found.mask[..., None], cut.picture, 0.5 * cut.picture + 0.5 * ground)
            sentence = "The background, tinted, is removed." if cut.found.is_plain else NOT_PLAIN
            stages.append(Stage("Cut out", sentence, np.round(255 * marked).astype(np.uint8)))
            inverted = cut.found.light > 0.5
            sentence = "Without colour, on black" + (", light and dark exchanged." if inverted else ".")
            stages.append(Stage("Grey", sentence, _grey(cut.values)))
        stages.append(
            Stage(
                "What the net sees",
                f"The longer side scaled to {self.size} pixels, as in Fashion-MNIST.",
                _grey(self._fitted(cut)),
            )
        )
        return stages

    def occlusions(self, arrays: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """As of `models.processors.ink.Ink`: copies without one window of the garment each, and the windows' cells."""
        return Ink(self.size, min(self.size, 20)).occlusions(arrays)

    def to_dict(self) -> dict[str, Any]:
        """The content of `processor.json`."""
        return {"name": "garment", "size": self.size}

    def _is_small(self, photo: Picture) -> bool:
        return photo.rgb.shape[:2] == (self.size, self.size)

    def _cut(self, photo: Picture) -> Cut:
        if self._is_small(photo):
            rgb = photo.rgb.astype(np.float32) / 255
            grey = luminance(rgb)
            edge = np.concatenate([grey[0], grey[-1], grey[1:-1, 0], grey[1:-1, -1]])
            values = 1 - grey if float((edge > WHITE).mean()) > 0.6 else grey
            return Cut(rgb, None, values, 0, 0, max(photo.size) / self.size)
        small = downscale(Image.fromarray(photo.rgb), WORKING)
        rgb = np.asarray(small, dtype=np.float32) / 255
        found = cut_out(rgb)
        rows, columns = np.flatnonzero(found.mask.any(axis=1)), np.flatnonzero(found.mask.any(axis=0))
        if not len(rows):
            raise BadInput(BLANK)
        grey = luminance(rgb)
        grey = 1 - grey if found.light > 0.5 else grey
        values = np.where(found.mask, np.maximum(grey, FILLING) if found.hollow else grey, 0).astype(np.float32)
        top, left = int(rows[0]), int(columns[0])
        values = values[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1]
        return Cut(rgb, found, values, top, left, max(photo.size) / max(small.size))

    def _fit_of(self, shape: tuple[int, int]) -> tuple[int, int]:
        """Rows and columns of a garment of this shape whose longer side has `size` pixels."""
        return tuple(max(1, round(side * self.size / max(shape))) for side in shape)

    def _fitted(self, cut: Cut) -> np.ndarray:
        """The net's square, float32 (size, size)."""
        rows, columns = self._fit_of(cut.values.shape)
        if cut.values.shape == (rows, columns):
            scaled = cut.values
        else:
            scaled = np.asarray(Image.fromarray(cut.values).resize((columns, rows), Image.Resampling.BICUBIC))
        square = np.zeros((self.size, self.size), np.float32)
        top, left = (self.size - rows) // 2, (self.size - columns) // 2
        square[top : top + rows, left : left + columns] = np.clip(scaled, 0, 1)
        return square


def _grey(values: np.ndarray) -> np.ndarray:
    return np.round(255 * np.clip(values, 0, 1)).astype(np.uint8)
