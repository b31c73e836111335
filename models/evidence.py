"""Evidence: how much each part of the canonical input supports each label."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Grid:
    """Rows x columns of equal cells over a rectangle of the input, in pixels of the pad or of the image.

    The rectangle may extend beyond the edge of the input, because the net sees a frame around the drawing.
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
    """Parts of a text: (start, end) of each letter or word in the text as typed."""

    parts: tuple[tuple[int, int], ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one label's values."""
        return (len(self.parts),)


@dataclass(frozen=True)
class Names:
    """The fields of an input, by name."""

    parts: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one label's values."""
        return (len(self.parts),)


@dataclass(frozen=True, eq=False)
class Evidence:
    """How much each part of an input supports or contradicts each label.

    label: the answer (the most probable label).
    labels: all labels, in the order of `values`.
    values: float32 (labels, rows, columns) for a grid, (labels, parts) for a text or fields; positive values support
        the label, negative ones contradict it. Unit: nats. The drop of the label's log-probability when that part is
        removed, or when a field is at its typical value; for photos, what the part adds to the label's calibrated logit
        relative to the mean over all labels.
    places: the positions of the parts on the input.
    """

    label: str
    labels: tuple[str, ...]
    values: np.ndarray
    places: Grid | Spans | Names

    def of(self, label: str) -> np.ndarray:
        """The values for one label, float32 (rows, columns) or (parts,)."""
        return self.values[self.labels.index(label)]
