"""Removes what crosses a whole sheet of paper in a straight line: rulings, squares, a margin line, a fold.

Lengths are shares of the photo's shorter side, except where a line's length is named.
"""

from dataclasses import dataclass

import numpy as np

from models.inputs.regions import Regions

SLOPE = 0.13  # of the lines, from horizontal or vertical: a sheet turned by 7 degrees
SHORTEST = 0.36  # of the photo's length
PARTS = 24  # of a line, in each of which its cover is measured
COVERED = 0.5  # of a part
THICKEST = 0.014
STRONGER = 1.45  # ink on a line is darker than the line by this factor
SEVERAL = 3  # parallel lines are rulings, even if they end before the sheet does
FAINT = 0.3  # the contrast of a line is this quantile over its columns, for ink may cover most of them
PASSES = 3  # a line close to another is found when that is removed; only then are shorter ones looked for


@dataclass(frozen=True)
class Lines:
    """The nearly horizontal lines of a sheet.

    band: bool (height, width), the pixels along them; removed: those that are not ink across them; strength: the
    contrast of the strongest line.
    """

    band: np.ndarray
    removed: np.ndarray
    strength: float

    @property
    def transposed(self) -> "Lines":
        """The same of the transposed photo."""
        return Lines(self.band.T, self.removed.T, self.strength)


def rulings(mask: np.ndarray, contrast: np.ndarray, sheet: np.ndarray) -> tuple[Lines, Lines]:
    """The nearly horizontal and the nearly vertical lines of the paper.

    mask: the dark pixels. contrast: float32 (height, width), how much darker each pixel is than the paper around it.
    sheet: the pixels of the sheet, where lines end.
    """
    return _lines(mask, contrast, sheet), _lines(mask.T, contrast.T, sheet.T).transposed


def without(mask: np.ndarray, contrast: np.ndarray, across: Lines, down: Lines) -> np.ndarray:
    """The mask without the pixels of the lines. Where two lines cross, they are darker."""
    crossing = across.band & down.band & (contrast < STRONGER * (across.strength + down.strength))
    return mask & ~(across.removed | down.removed | crossing)


def leftovers(found: Regions, contrast: np.ndarray, across: Lines, down: Lines) -> np.ndarray:
    """Which regions are pieces of a line: thin, straight, along the lines and no darker; bool, one for each region."""
    side = min(contrast.shape)
    strength = found.sums(contrast) / np.maximum(found.area, 1)
    height, width = found.bottom - found.top, found.right - found.left
    pieces = np.zeros(len(found), bool)
    for lines, long, short in ((across, width, height), (down, height, width)):
        straight = short <= SLOPE * long + THICKEST * side
        pieces |= straight & (strength < STRONGER * lines.strength)
    return pieces & (found.thickness <= THICKEST * side)


def _lines(mask: np.ndarray, contrast: np.ndarray, sheet: np.ndarray) -> Lines:
    band, removed = np.zeros_like(mask), np.zeros_like(mask)
    thickest = max(3, round(THICKEST * min(mask.shape)))
    strongest = 0.0
    for step in range(PASSES):
        left = mask & ~removed
        thin = left & (_run_lengths(left) <= thickest)
        for rows in _found(thin, np.where(left, contrast, 0), sheet, thickest, step > 0):
            along, on_line = _pixels(rows, mask.shape)
            of_line = thin[along] & on_line
            if of_line.any():
                darkest = np.where(left[along] & on_line, contrast[along], 0).max(axis=1)
                strength = float(np.quantile(darkest[darkest > 0], FAINT))
                strongest = max(strongest, strength)
                of_line &= contrast[along] < STRONGER * strength + 0.03
                removed[along[0][of_line], along[1][of_line]] = True
                band[along[0][on_line], along[1][on_line]] = True
    return Lines(band, removed, strongest)


def _found(thin: np.ndarray, contrast: np.ndarray, sheet: np.ndarray, thickest: int, shorter: bool) -> list[np.ndarray]:
    """The row of each line in every column, by a Hough transform of the thin pixels.

    contrast: 0 where nothing is dark. shorter: whether lines count that do not reach both ends of the sheet.
    """
    height, width = thin.shape
    ys, xs = np.nonzero(thin)
    if len(ys) < SHORTEST * width:
        return []
    slopes = np.linspace(-SLOPE, SLOPE, 2 * round(SLOPE * width / 2) + 1)
    offsets = np.clip(np.round(ys - slopes[:, None] * (xs - width / 2)), -1, height).astype(int) + 1
    votes = np.stack([np.bincount(row, minlength=height + 2) for row in offsets])
    votes[:, 1:] += votes[:, :-1]  # a line may fall into two bins
    best = votes.max(axis=0)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(best, thickest), 2 * thickest + 1).max(axis=1)
    peaks = np.flatnonzero((best == around) & (best >= SHORTEST * width))
    lines = []
    for peak in peaks.tolist():
        rows = np.round(peak - 1 + slopes[votes[:, peak].argmax()] * (np.arange(width) - width / 2)).astype(int)
        lines.append((rows, *_reach(rows, contrast, sheet)))
    several = sum(reach > 0.5 for _, reach, _ in lines) >= SEVERAL
    chosen = [ends == 2 or (shorter and (ends == 1 or several) and reach > SHORTEST) for _, reach, ends in lines]
    return [rows for (rows, _, _), is_line in zip(lines, chosen, strict=True) if is_line]


def _reach(rows: np.ndarray, contrast: np.ndarray, sheet: np.ndarray) -> tuple[float, int]:
    """The length of a line as a share of the photo's, and at how many of its ends the sheet ends too."""
    height, width = contrast.shape
    along, on_line = _pixels(rows, contrast.shape)
    on_sheet = on_line[:, 2] & sheet[np.clip(rows, 0, height - 1), np.arange(width)]
    darkest = np.where(on_line, contrast[along], 0).max(axis=1)[on_sheet]
    covered = darkest > 0
    length = len(covered)
    if length < 0.3 * width:
        return 0.0, 0
    parts = np.array([part.mean() for part in np.array_split(covered, PARTS)]) >= COVERED
    filled = np.flatnonzero(parts)
    if not len(filled) or parts[filled[0] : filled[-1] + 1].mean() < 0.7:
        return 0.0, 0
    first, last = int(filled[0]), int(filled[-1])
    reach = (last + 1 - first) / PARTS
    if first <= 1 and last >= PARTS - 2:
        return reach * length / width, 2
    return reach * length / width, int(reach > 0.5 and (first == 0 or last == PARTS - 1))


def _pixels(rows: np.ndarray, shape: tuple[int, int]) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """The pixels within two rows of a line, as indices (width, 5), and which of them lie on the photo."""
    band = rows[:, None] + np.arange(-2, 3)
    inside = (band >= 0) & (band < shape[0])
    columns = np.broadcast_to(np.arange(shape[1])[:, None], band.shape)
    return (np.clip(band, 0, shape[0] - 1), columns), inside


def _run_lengths(mask: np.ndarray) -> np.ndarray:
    """The length of the vertical run of True that each pixel belongs to; 0 for False."""
    columns = mask.T
    padded = np.zeros((columns.shape[0], columns.shape[1] + 2), np.int8)
    padded[:, 1:-1] = columns
    steps = np.diff(padded.ravel())
    runs = np.flatnonzero(steps == -1) - np.flatnonzero(steps == 1)
    lengths = np.zeros(columns.size, int)
    lengths[np.flatnonzero(columns.ravel())] = np.repeat(runs, runs)
    return lengths.reshape(columns.shape).T
