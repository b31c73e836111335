"""Whether a drawing shows two characters: measured on its connected components, its strokes and where it is thin.

A drawing is split into two groups of components, into two groups of strokes, or by a straight cut where least ink is
in the way, each along four axes. `score` is the highest score of these splits.
"""

from collections.abc import Iterator, Sequence
from math import log
from typing import NamedTuple

import numpy as np

from models.inputs.regions import numbered

SIDE = 64  # pixels, to which the longer side of a drawing is reduced
INKED = 0.35  # share of the strongest ink
SPECK = 0.01  # share of the ink; smaller components are left out
MAX_PARTS = 8  # the heaviest
STEP = 3.0  # pixels between the points of a stroke
AXES = np.array([(1, 0), (0, 1), (1, 1), (1, -1)]) / np.array([[1], [1], [2**0.5], [2**0.5]])  # across, down, diagonals
ACROSS = (1, 0, 3, 2)  # the axis at right angles to each


class Part(NamedTuple):
    """Some ink: its amount in points, and its lowest, highest and mean coordinate along each axis."""

    amount: int
    low: list[float]
    high: list[float]
    mean: list[float]


class Split(NamedTuple):
    """Measures of two groups of ink, as shares of the longer side of the drawing.

    gap: of clear paper between them along an axis; negative if they overlap or have to be cut. balance: the ink of the
    lighter group as a share of all. across: the smaller of their extents across the axis. along: that along the axis.
    aspect: the logarithm of the extent of both along the axis, divided by that across it. axis: in AXES. cut: whether
    it is a cut.
    """

    gap: float
    balance: float
    across: float
    along: float
    aspect: float
    axis: int
    cut: bool

    def features(self) -> list[float]:
        """The features of the logistic regression."""
        gap, balance, across, along, aspect, axis, cut = self
        gap, aspect = min(max(gap, -0.4), 0.25), min(max(aspect, -1.5), 1.5)
        diagonal, down = axis > 1, axis == 1
        return [
            *(gap, max(gap, 0), gap * balance, gap * cut, gap * diagonal, gap * down),
            *(balance, min(balance, 0.2), balance * across),
            *(across, min(across, 0.4), across * diagonal, across * down),
            *(along, min(along, 0.2), along * across, along * down),
            *(aspect, aspect * abs(aspect), aspect * cut, aspect * diagonal, aspect * down, aspect * across),
            *(cut, diagonal, down),
        ]


# Of a logistic regression on 2,000 pairs of digits with gaps of -6% to 12% of their longer side and 2,000 single digits
# by UNIPEN's training writers, with and without their strokes, 1,000 digits of MNIST and 1,000 European digit forms; of
# each drawing, the split with the highest score counts. `python -m training two-characters` fits them, and measures how
# often the scores of single digits and of pairs are above LIMIT.
# fmt: off
WEIGHTS = np.array([
    31.32, -50.71, 53.67, -27.46, 1.62, 9.55,
    -5.11, -9.24, 18.99,
    1.12, 28.15, -11.7, -17.85,
    6.32, 15.05, -8.98, 1.76,
    10.05, -7.29, 2.19, -6.66, 6.37, -2.46,
    -5.5, 1.78, -0.45,
])
# fmt: on
BIAS = -9.76
LIMIT = 2


def score(ink: np.ndarray, strokes: Sequence[Sequence[tuple[float, float]]] | None = None, pen: float = 0) -> float:
    """How much a drawing looks like two characters, in logits. ink: (height, width), cropped to its box.

    strokes: as drawn, in pixels, with a pen `pen` wide; None for an image.
    """
    rows = [split.features() for split in splits(ink, strokes, pen)]
    return float((np.array(rows) @ WEIGHTS).max()) + BIAS if rows else -10.0


def splits(
    ink: np.ndarray, strokes: Sequence[Sequence[tuple[float, float]]] | None = None, pen: float = 0
) -> list[Split]:
    """The ways to split a drawing in two; arguments as for `score`."""
    small = _reduced(ink)
    mask = small > INKED * small.max()
    side, along = float(max(mask.shape)), _along(mask)
    labels = numbered(mask)
    found = []
    if (count := labels.max()) > 1:
        labels = labels[mask]
        parts = [_part(along.compress(labels == label, axis=1)) for label in range(1, count + 1)]
        parts = [part for part in parts if part.amount > SPECK * len(labels)]
        found += _groups(parts, side, margin=1.0)
    if strokes and 2 <= len(strokes) <= MAX_PARTS:
        lines = [_part(AXES @ _even(np.asarray(stroke, float))) for stroke in strokes]
        extent = max(max(part.high[axis] for part in lines) - min(part.low[axis] for part in lines) for axis in (0, 1))
        found += _groups(lines, extent + pen, margin=pen)
    return found + list(_cuts(along, side))


def _along(mask: np.ndarray) -> np.ndarray:
    """The coordinates of the inked pixels along the axes, (4, P): NumPy reduces the last axis fastest."""
    rows, columns = np.nonzero(mask)
    return AXES @ np.stack((columns, rows)).astype(float)


def _part(along: np.ndarray) -> Part:
    """along: coordinates of points along the axes, (4, P)."""
    return Part(along.shape[1], along.min(axis=1).tolist(), along.max(axis=1).tolist(), along.mean(axis=1).tolist())


def _groups(parts: list[Part], side: float, margin: float) -> Iterator[Split]:
    """Splits of parts into those before and after each other along each axis.

    margin: what the width of a point takes from the gap.
    """
    parts = sorted(parts, key=lambda part: part.amount, reverse=True)[:MAX_PARTS]
    for axis in range(len(AXES)):
        places = sorted(parts, key=lambda part: part.mean[axis])
        for count in range(1, len(places)):
            yield _split(_joined(places[:count]), _joined(places[count:]), axis, side, margin)


def _cuts(along: np.ndarray, side: float) -> Iterator[Split]:
    """The straight cut across each axis that meets the least ink in the middle half."""
    for axis in range(len(AXES)):
        places = (along[axis] - along[axis].min()).astype(int)
        profile = np.bincount(places)
        first, past = len(profile) // 4, len(profile) - len(profile) // 4
        if past - first < 2:
            continue
        place = first + int(profile[first:past].argmin())
        before, after = along.compress(places < place, axis=1), along.compress(places > place, axis=1)
        if before.size and after.size:
            split = _split(_part(before), _part(after), axis, side, 1.0)
            yield split._replace(gap=-float(profile[place]) / side, cut=True)


def _joined(parts: list[Part]) -> Part:
    """Several parts as one; its mean is not needed."""
    if len(parts) == 1:
        return parts[0]
    amounts, lows, highs, _ = zip(*parts, strict=True)
    return Part(sum(amounts), list(map(min, *lows)), list(map(max, *highs)), [])


def _split(before: Part, after: Part, axis: int, side: float, margin: float) -> Split:
    other = ACROSS[axis]
    along = [part.high[axis] - part.low[axis] + margin for part in (before, after)]
    across = [part.high[other] - part.low[other] + margin for part in (before, after)]
    whole = max(before.high[axis], after.high[axis]) - min(before.low[axis], after.low[axis]) + margin
    wide = max(before.high[other], after.high[other]) - min(before.low[other], after.low[other]) + margin
    return Split(
        gap=(after.low[axis] - before.high[axis] - margin) / side,
        balance=min(before.amount, after.amount) / (before.amount + after.amount),
        across=min(across) / side,
        along=min(along) / side,
        aspect=log(whole / wide),
        axis=axis,
        cut=False,
    )


def _even(stroke: np.ndarray) -> np.ndarray:
    """Points on a stroke (N, 2), STEP apart, so that their number is its length: (2, P)."""
    if len(stroke) < 2:
        return stroke.T
    along = np.concatenate(([0], np.cumsum(np.hypot(*np.diff(stroke, axis=0).T))))
    places = np.arange(0, along[-1] + 1, STEP)
    return np.stack([np.interp(places, along, stroke[:, axis]) for axis in (0, 1)])


def _reduced(ink: np.ndarray) -> np.ndarray:
    """The ink averaged over blocks so that the longer side has at most SIDE pixels."""
    step = max(ink.shape) / SIDE
    return _means(ink.shape[0], step) @ ink @ _means(ink.shape[1], step).T if step > 1 else ink


def _means(count: int, step: float) -> np.ndarray:
    """The matrix that takes the means of blocks of about `step` of `count` values, (blocks, count)."""
    starts = np.unique(np.arange(0, count, step).astype(int))
    sizes = np.diff(np.append(starts, count))
    means = np.zeros((len(starts), count), np.float32)
    means[np.repeat(np.arange(len(starts)), sizes), np.arange(count)] = np.repeat(1 / sizes, sizes)
    return means
