"""Evidence: for every label one number for each part of the canonical input, saying how much that part spoke for it."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Grid:
    """Rows x columns of equal cells over a rectangle of the input.

    Pad pixels for strokes, the picture's own for images.

    The rectangle may reach beyond the input's edge: the net looks at a frame around what was drawn.
    """

    rows: int
    columns: int
    left: float
    top: float
    width: float
    height: float

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one label's values."""
        return self.rows, self.columns


@dataclass(frozen=True)
class Spans:
    """Parts of a text: for each letter or word (start, end) in the text as it was typed."""

    parts: tuple[tuple[int, int], ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one label's values."""
        return (len(self.parts),)


@dataclass(frozen=True, eq=False)
class Evidence:
    """What spoke for and against each label.

    label: the answer (the most probable label).
    labels: all labels, in the order of `values`.
    values: float32 (labels, rows, columns) for a grid, (labels, parts) for a text; above 0 spoke for the label, below 0
        against it. The unit is nats: the fall of the label's log-probability when that part is taken away or, of
        photos, what the part adds to the label's calibrated score over the mean of all labels.
    places: where the parts lie on the input.
    """

    label: str
    labels: tuple[str, ...]
    values: np.ndarray
    places: Grid | Spans

    def of(self, label: str) -> np.ndarray:
        """The values for one label, float32 (rows, columns) or (parts,)."""
        return self.values[self.labels.index(label)]
