"""Connected regions of a mask, by NumPy alone: serving has no SciPy."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Regions:
    """The connected regions of a mask, diagonals included.

    number: int32 (height, width), from 1 on; 0 outside. The other arrays have a value for each region, in that order:
    area and rim in pixels (rim: those with a neighbour outside), and the box top, bottom, left, right (ends excluded).
    """

    number: np.ndarray
    area: np.ndarray
    rim: np.ndarray
    top: np.ndarray
    bottom: np.ndarray
    left: np.ndarray
    right: np.ndarray

    def __len__(self) -> int:
        return len(self.area)

    @property
    def extent(self) -> np.ndarray:
        """The longer side of each box in pixels."""
        return np.maximum(self.bottom - self.top, self.right - self.left)

    @property
    def thickness(self) -> np.ndarray:
        """The mean thickness in pixels: of a line its width, of a disc its radius."""
        return 2 * self.area / np.maximum(self.rim, 1)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """The sum of `values` (height, width) over each region."""
        return np.bincount(self.number.ravel(), values.ravel(), len(self) + 1)[1:]

    def mask(self, chosen: np.ndarray) -> np.ndarray:
        """The pixels of the chosen regions; chosen: bool, one for each region."""
        return np.concatenate([[False], chosen])[self.number]


def regions(mask: np.ndarray) -> Regions:
    """The connected regions of a mask, bool (height, width)."""
    height, width = mask.shape
    stride = width + 2
    starts, ends, run_number = _runs(mask)
    number = _labels(mask, ends - starts, run_number)
    count = int(run_number.max()) + 1 if len(starts) else 0
    inner = mask.copy()
    inner[1:] &= mask[:-1]
    inner[:-1] &= mask[1:]
    inner[:, 1:] &= mask[:, :-1]
    inner[:, :-1] &= mask[:, 1:]
    area = np.bincount(run_number, ends - starts, count).astype(int)
    rim = area - np.bincount(number[inner], minlength=count + 1)[1:]
    row, left, right = starts // stride, starts % stride - 1, (ends - 1) % stride
    top, bottom = np.full(count, height), np.zeros(count, int)
    first, past = np.full(count, width), np.zeros(count, int)
    np.minimum.at(top, run_number, row)
    np.maximum.at(bottom, run_number, row + 1)
    np.minimum.at(first, run_number, left)
    np.maximum.at(past, run_number, right)
    return Regions(number, area, rim, top, bottom, first, past)


def numbered(mask: np.ndarray) -> np.ndarray:
    """The region of each pixel of a mask: `regions(mask).number` without the other measures."""
    starts, ends, run_number = _runs(mask)
    return _labels(mask, ends - starts, run_number)


def _runs(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Starts and ends of the runs in the rows, as positions in a raster two pixels wider, and their regions from 0."""
    stride = mask.shape[1] + 2
    padded = np.zeros((len(mask), stride), np.int8)
    padded[:, 1:-1] = mask
    steps = np.diff(padded.ravel())
    starts, ends = np.flatnonzero(steps == 1) + 1, np.flatnonzero(steps == -1) + 1
    return starts, ends, np.unique(_joined(starts, ends, stride), return_inverse=True)[1]


def _labels(mask: np.ndarray, lengths: np.ndarray, run_number: np.ndarray) -> np.ndarray:
    labels = np.zeros(mask.shape, np.int32)
    labels[mask] = np.repeat(run_number + 1, lengths)
    return labels


def _joined(starts: np.ndarray, ends: np.ndarray, stride: int) -> np.ndarray:
    """For each run, the first run of its region: touching runs of neighbouring rows belong together."""
    above = np.searchsorted(ends, starts - stride, side="left")  # the first that ends at or after this one's start
    past = np.searchsorted(starts, ends - stride, side="right")
    counts = np.maximum(past - above, 0)
    lower = np.repeat(np.arange(len(starts)), counts)
    upper = np.repeat(above - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts) + np.arange(counts.sum())
    parent = np.arange(len(starts))
    while len(lower):
        least = np.minimum(parent[lower], parent[upper])
        np.minimum.at(parent, parent[lower], least)
        np.minimum.at(parent, parent[upper], least)
        while (parent[parent] != parent).any():
            parent = parent[parent]
        apart = parent[lower] != parent[upper]
        lower, upper = lower[apart], upper[apart]
    return parent
