"""Ink on a photo of paper: under uneven light and shadow, on ruled or squared paper, with the table beside the sheet.

The paper is estimated around each pixel: a morphological closing follows every change of light, soft or hard, that is
wider than a pen's line. What is darker than that is ink, lines of the paper, or marks. Lines that cross the sheet are
removed, then everything that is not a pen's line: marks at the edge, holes, specks. Light ink on dark paper is read in
the same way, from the negative. Lengths are shares of the shorter side.
"""

from dataclasses import dataclass

import numpy as np

from models.errors import BadInput
from models.inputs.regions import Regions, regions
from models.inputs.rulings import leftovers, rulings, without

PEN = 0.2  # a wider dark area is part of the paper or the table
SMALLEST = 0.08  # the extent of a character
FAINTEST = 0.1  # contrast of ink with the paper around it
NOISE = 6.0  # median absolute deviations of the contrast of paper, below which nothing is ink
BOARD = 0.6  # the grey of paper on which light ink can be read
EDGE = 0.12  # relative change of the paper within 1% of the side: the end of the sheet, or of a hard shadow
SIMILAR = 0.55  # the contrast of a character's parts, as a share of its largest part's
NEAR, PART = 0.3, 0.12  # how near and how large the smaller parts are, as shares of the largest part's extent
SHADE = 0.3  # relative difference of grey between parts of a sheet, lit and in shadow or beyond a fold
LINE = 0.25  # the thickness of a pen's line, as a share of the extent; more is a blob
BESIDE = (0.005, 0.01)  # how far beside a line the paper is looked at, as shares of the photo's side
SOFT = 0.05  # the contrast beside a line, as a share of the line's own; more is an edge of a shadow, or a blotch
THIN = 0.085  # the thickness of MNIST's lines, as a share of the extent; thinner lines are thickened to it
NOTHING = (
    "No character was found in this photo, only paper, light and shadow. Write with a darker or wider pen, or take "
    "the photo from nearer."
)
CUT = "The character touches the edge of the photo. Take a photo with some paper around it."
MAX_MARKS = 20  # regions; an image with more is no sheet with a few holes
MARKS = "Round marks near the edge, such as punch holes, were ignored."
RULINGS = "The printed lines of the paper were removed."


@dataclass(frozen=True)
class Reading:
    """What one polarity finds.

    ink: float32 (height, width), from 0 to 1. weight: 0 if there is none. lines: whether lines of the paper were
    removed. cut: whether something like a character touches the edge.
    """

    ink: np.ndarray
    weight: float
    lines: bool = False
    cut: bool = False


def read_paper(grey: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """The ink on a photo, float32 (height, width) from 0 to 1, and notes. Raises BadInput if no ink is found."""
    common = _median_paper(grey)
    best = _reading(grey, common, 0.08)
    if float(np.median(common)) < BOARD:
        best = max(best, _reading(1 - grey, 1 - common, 0.5), key=lambda reading: reading.weight)
    if not best.weight:
        raise BadInput(CUT if best.cut else NOTHING)
    return best.ink, (RULINGS,) if best.lines else ()


def is_plain(grey: np.ndarray, paper: float) -> bool:
    """Whether the paper is of one grey without lines, shadow or table: a drawing that reaches the edge of its image."""
    if float((grey < paper).mean()) < float((grey > paper).mean()):
        grey, paper = 1 - grey, 1 - paper
    closed = _closing(grey, max(3, round(PEN * min(grey.shape))))
    wide = closed < paper - 0.01
    if wide[[0, 0, -1, -1], [0, -1, 0, -1]].any() and float(wide.mean()) > 0.005:
        return False
    contrast = np.maximum((closed - grey) / np.maximum(closed, 0.08), 0)
    lines = rulings(contrast > 0.4 * FAINTEST, contrast, np.ones(grey.shape, bool))
    return not any(each.strength for each in lines)


def without_marks(ink: np.ndarray) -> tuple[np.ndarray, bool]:
    """Ink without small discs near the edge and far from the rest, such as punch holes; whether there were any.

    Raises BadInput if there is nothing else.
    """
    found = regions(ink > 0.15 * ink.max())
    if not 0 < len(found) < MAX_MARKS or float(ink.max()) < FAINTEST:
        return ink, False
    height, width = ink.shape
    side, extent = min(height, width), found.extent
    near_edge = np.minimum.reduce([found.top, found.left, height - found.bottom, width - found.right]) < 0.12 * side
    shorter = np.minimum(found.bottom - found.top, found.right - found.left)
    round_marks = (shorter > 0.85 * extent) & (np.abs(found.area / (0.785 * extent**2) - 1) < 0.12)
    marks = round_marks & near_edge & (extent > 0.02 * side) & (extent < SMALLEST * side)
    if not marks.any():
        return ink, False
    if marks.all():
        raise BadInput(NOTHING)
    main = int(np.argmax(np.where(marks, 0, extent)))
    marks &= (_distance(found, main) > NEAR * extent[main]) & (extent[main] > SMALLEST * side)
    return np.where(_grown(found.mask(marks)), np.float32(0), ink), bool(marks.any())


def _reading(grey: np.ndarray, common: np.ndarray, least: float) -> Reading:
    """Dark ink on lighter paper.

    common: the grey of the paper over half the photo, which light gaps in ink exceed. least: contrast is a share of the
    paper's grey, or of this if it is more; the negative of white paper is all noise.
    """
    side = min(grey.shape)
    paper = _closing(_blurred(grey), max(3, round(PEN * side)))
    darker = np.minimum(paper, np.maximum(common, 0.05)) - grey
    contrast = np.maximum(darker / np.maximum(paper, least), 0)
    spread = float(np.median(contrast[::3, ::3]))
    floor = max(0.4 * FAINTEST, NOISE * spread)
    mask = contrast > floor
    sheet = _sheet(paper)
    across, down = rulings(mask, contrast, sheet)
    found = regions(without(mask, contrast, across, down))
    possible = ~leftovers(found, contrast, across, down)
    chosen = _character(found, possible, contrast, sheet, max(FAINTEST, 1.5 * floor))
    if not chosen.any():
        cut = _is_cut(found, possible, contrast, sheet)
        return Reading(np.zeros_like(grey), 0.0, cut=cut)
    lines = bool(across.strength or down.strength)
    strokes = found.mask(chosen)
    strength = float(np.median(contrast[strokes]))
    ink = np.where(_grown(strokes), np.clip(contrast / np.float32(strength), 0, 1), np.float32(0))
    thickness = float((found.thickness * found.area)[chosen].sum() / found.area[chosen].sum())
    height = int(found.bottom[chosen].max() - found.top[chosen].min())
    width = int(found.right[chosen].max() - found.left[chosen].min())
    missing = THIN * max(height, width) - thickness
    weight = float((contrast * contrast)[strokes].sum())
    return Reading(_thickened(ink, round(missing / 2)), weight, lines)


def _character(
    found: Regions, possible: np.ndarray, contrast: np.ndarray, sheet: np.ndarray, least: float
) -> np.ndarray:
    """Which regions are the character, bool; none if nothing looks like one.

    possible: which regions may be part of it. least: the contrast of a character's largest part.
    """
    height, width = contrast.shape
    extent = found.extent
    strength = found.sums(contrast) / np.maximum(found.area, 1)
    inside = found.sums(sheet.astype(np.float32)) > 0.5 * found.area
    touching = (found.top <= 1) | (found.left <= 1) | (found.bottom >= height - 1) | (found.right >= width - 1)
    possible = possible & inside & ~touching
    good = possible & (found.thickness < LINE * extent) & (strength > least) & (extent > SMALLEST * min(height, width))
    while good.any():
        main = int(np.argmax(np.where(good, extent * strength, 0)))
        if _is_sharp(found, main, contrast):
            break
        good[main] = possible[main] = False
    else:
        return good
    similar = possible & (strength > SIMILAR * strength[main])
    near = _distance(found, main) < NEAR * extent[main]
    return similar & (good | (near & (extent > PART * extent[main])))


def _is_sharp(found: Regions, main: int, contrast: np.ndarray) -> bool:
    """Whether a region ends sharply, like a pen's line: the paper beside it is hardly darker than elsewhere."""
    steps = [max(1, round(share * min(contrast.shape))) for share in BESIDE]
    reach = max(steps) + 1
    box = slice(found.top[main], found.bottom[main]), slice(found.left[main], found.right[main])
    inner = found.number[box] == main + 1
    top, left = max(box[0].start - reach, 0), max(box[1].start - reach, 0)
    around = contrast[top : box[0].stop + reach, left : box[1].stop + reach]
    mask = np.zeros(around.shape, bool)
    mask[box[0].start - top :, box[1].start - left :][: inner.shape[0], : inner.shape[1]] = inner
    rings = [_grown(mask, step + 1) & ~_grown(mask, step) for step in steps]
    beside = [float(np.median(around[ring])) for ring in rings if ring.any()]
    return not beside or float(np.mean(beside)) <= SOFT * float(np.median(around[mask]))


def _is_cut(found: Regions, possible: np.ndarray, contrast: np.ndarray, sheet: np.ndarray) -> bool:
    """Whether a clear, long line of a pen is left, which then touches the edge of the photo."""
    strength = found.sums(contrast) / np.maximum(found.area, 1)
    inside = found.sums(sheet.astype(np.float32)) > 0.9 * found.area
    long = found.extent > 3 * SMALLEST * min(contrast.shape)
    return bool((possible & inside & long & (strength > 3 * FAINTEST) & (found.thickness < LINE * found.extent)).any())


def _distance(found: Regions, main: int) -> np.ndarray:
    """The distance of each region's box from that of the main one, in pixels along the farther axis."""
    down = np.maximum(found.top - found.bottom[main], found.top[main] - found.bottom)
    across = np.maximum(found.left - found.right[main], found.left[main] - found.right)
    return np.maximum(np.maximum(down, across), 0)


def _sheet(paper: np.ndarray) -> np.ndarray:
    """The part of the photo that is the sheet, bool: the largest area without a sharp edge, and what it encloses."""
    height, width = paper.shape
    cell = max(2, round(0.01 * min(height, width)))
    rows, columns = height // cell, width // cell
    coarse = paper[: rows * cell, : columns * cell].reshape(rows, cell, columns, cell).mean(axis=(1, 3))
    steep = np.zeros(coarse.shape, bool)
    down = np.abs(np.diff(coarse, axis=0)) > EDGE * np.minimum(coarse[1:], coarse[:-1])
    across = np.abs(np.diff(coarse, axis=1)) > EDGE * np.minimum(coarse[:, 1:], coarse[:, :-1])
    steep[1:] |= down
    steep[:-1] |= down
    steep[:, 1:] |= across
    steep[:, :-1] |= across
    areas = regions(~steep)
    if not len(areas):
        return np.ones(paper.shape, bool)
    light = areas.sums(coarse) / areas.area
    main = int(np.argmax(areas.area))
    like = (areas.area > 0.04 * coarse.size) & (np.abs(light / light[main] - 1) < SHADE)
    sheet = areas.mask(like | (np.arange(len(areas)) == main))
    rows_index = np.minimum(np.arange(height) // cell, rows - 1)
    columns_index = np.minimum(np.arange(width) // cell, columns - 1)
    return sheet[rows_index[:, None], columns_index]


def _median_paper(grey: np.ndarray) -> np.ndarray:
    """The median grey of half the photo's width and height around each place."""
    height, width = grey.shape
    cell = max(1, max(height, width) // 40)
    rows, columns = height // cell, width // cell
    coarse = grey[: rows * cell, : columns * cell].reshape(rows, cell, columns, cell).mean(axis=(1, 3))
    reach = min(rows, columns) // 4
    padded = np.pad(coarse, reach, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (2 * reach + 1, 2 * reach + 1))
    flat = windows.reshape(rows, columns, -1)
    middle = np.partition(flat, flat.shape[2] // 2, axis=2)[..., flat.shape[2] // 2]
    return _stretched(_stretched(middle, height).T, width).T


def _stretched(values: np.ndarray, length: int) -> np.ndarray:
    """The rows of `values` interpolated to `length` rows, float32."""
    position = np.clip((np.arange(length) + 0.5) * len(values) / length - 0.5, 0, len(values) - 1)
    low = np.minimum(position.astype(int), len(values) - 2) if len(values) > 1 else np.zeros(length, int)
    share = (position - low).astype(np.float32)[:, None]
    return values[low] * (1 - share) + values[np.minimum(low + 1, len(values) - 1)] * share


def _closing(values: np.ndarray, size: int) -> np.ndarray:
    """Grey closing with a square of `size` pixels: fills dark areas narrower than that."""
    padded = np.pad(values, size, mode="edge")
    for axis in (0, 1):
        padded = _running(padded, size, np.maximum, axis)
    for axis in (0, 1):
        padded = _running(padded, size, np.minimum, axis)
    height, width = values.shape
    return padded[1 : 1 + height, 1 : 1 + width]


def _running(values: np.ndarray, size: int, extreme: np.ufunc, axis: int) -> np.ndarray:
    """The maximum or minimum of every `size` neighbours along an axis, size - 1 fewer values."""
    values = values if axis == 0 else values.T
    reached = 1
    while reached < size:
        step = min(reached, size - reached)
        values = extreme(values[:-step], values[step:])
        reached += step
    return values if axis == 0 else values.T


def _blurred(grey: np.ndarray) -> np.ndarray:
    """The mean of 3 x 3 pixels, against noise."""
    padded = np.pad(grey, 1, mode="edge")
    down = padded[:-2] + padded[1:-1] + padded[2:]
    return (down[:, :-2] + down[:, 1:-1] + down[:, 2:]) * np.float32(1 / 9)


def _grown(mask: np.ndarray, steps: int = 1) -> np.ndarray:
    """The mask and its neighbours up to `steps` pixels away."""
    size = 2 * steps + 1
    return _running(_running(np.pad(mask, steps), size, np.maximum, 0), size, np.maximum, 1)


def _thickened(ink: np.ndarray, steps: int) -> np.ndarray:
    """Ink whose lines are wider by `steps` pixels on each side: an octagon is as good as a disc."""
    for step in range(steps):
        padded = np.pad(ink, 1)
        down = np.maximum(np.maximum(padded[:-2, 1:-1], padded[2:, 1:-1]), ink)
        across = np.maximum(padded[1:-1, :-2], padded[1:-1, 2:])
        ink = np.maximum(down, across)
        if step % 2:
            padded = np.pad(ink, 1)
            corners = np.maximum(
                np.maximum(padded[:-2, :-2], padded[:-2, 2:]), np.maximum(padded[2:, :-2], padded[2:, 2:])
            )
            ink = np.maximum(ink, corners) if step % 4 == 3 else ink
    return ink
