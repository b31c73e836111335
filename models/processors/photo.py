"""Converts a picture to a photo net's input: the whole picture, resized to a square.

The net itself scales the bytes to values around 0. Nothing is cropped, so that every part of the photo counts; wide
photos are squeezed instead, as in training.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from models.evidence import Grid
from models.inputs import picture
from models.inputs.picture import Picture
from models.processors.base import Stage

MAX_OCCLUDED = 2**25  # pixels of all photos that `occlusions` makes: 100 MB
SHOWN = 320  # pixels, the longer side of a stage's picture


@dataclass(frozen=True)
class Photo:
    """The processor of picture tasks. size: in pixels; cells: the rows and columns of the evidence."""

    size: int = 224
    cells: int = 7
    kind = "picture"

    def __post_init__(self) -> None:
        if type(self.size) is not int or type(self.cells) is not int or not 1 <= self.cells <= self.size <= 1024:
            raise ValueError(
                "size and cells must be whole numbers, with no more cells than pixels and at most 1024 pixels"
            )
        if (self.size * self.cells) ** 2 > MAX_OCCLUDED:
            raise ValueError(f"{self.cells} x {self.cells} cells are too many for {self.size} pixels")

    def fit(self, raws: Iterable[Any], more: Iterable[str] = ()) -> "Photo":
        """This processor, since there is nothing to fit."""
        return self

    def sizes(self) -> dict[str, int]:
        """No arguments; the nets take photos of any size."""
        return {}

    def known(self) -> tuple[str, ...]:
        """No vocabulary."""
        return ()

    def read(self, raw: Any) -> Picture:
        """The canonical input; see `models.inputs.picture.read`."""
        return picture.read(raw)

    def process(self, photo: Picture) -> dict[str, np.ndarray]:
        """`{"x": uint8 (3, size, size)}`: red, green, blue."""
        return {"x": np.ascontiguousarray(self._square(photo).transpose(2, 0, 1))}

    def process_batch(self, photos: Sequence[Picture]) -> dict[str, np.ndarray]:
        """`{"x": uint8 (N, 3, size, size)}`, equal to the arrays of `process`."""
        return self.collate([self.process(photo) for photo in photos])

    def collate(self, items: Sequence[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """Join results of `process` into one batch."""
        return {"x": np.stack([item["x"] for item in items])}

    def places(self, photo: Picture) -> Grid:
        """The whole photo, in pixels of the upright original."""
        width, height = photo.size
        return Grid(self.cells, self.cells, 0.0, 0.0, float(width), float(height))

    def notes(self, photo: Picture) -> tuple[str, ...]:
        """Remarks on this input for the user, one sentence each; usually none."""
        return photo.notes

    def stages(self, photo: Picture) -> list[Stage]:
        """The steps from the photo to the net's input, as pictures."""
        shown = Image.fromarray(photo.rgb)
        shown.thumbnail((SHOWN, SHOWN))
        return [
            Stage("Your photo", "Upright, in red, green and blue.", np.asarray(shown)),
            Stage(
                "What the net sees",
                f"The whole photo, resized to {self.size} x {self.size} pixels.",
                self._square(photo),
            ),
        ]

    def occlusions(self, arrays: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Copies of one processed photo, each with one cell in mid-grey, (cells ** 2, 3, size, size), and the cells.

        Not used for nets that return evidence themselves.
        """
        spots = np.arange(self.cells**2)
        edges = np.linspace(0, self.size, self.cells + 1).round().astype(int)
        x = np.repeat(arrays["x"][None], len(spots), axis=0)
        for spot in spots:
            row, column = divmod(int(spot), self.cells)
            x[spot, :, edges[row] : edges[row + 1], edges[column] : edges[column + 1]] = 127
        return {"x": x}, spots

    def to_dict(self) -> dict[str, Any]:
        """The content of `processor.json`."""
        return {"name": "photo", "size": self.size, "cells": self.cells}

    def _square(self, photo: Picture) -> np.ndarray:
        """uint8 (size, size, 3), bicubic."""
        return np.asarray(Image.fromarray(photo.rgb).resize((self.size, self.size), Image.Resampling.BICUBIC))
