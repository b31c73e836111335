"""Cuts an object out of a picture with a plain ground, light or dark.

The ground is a colour that may change evenly across the picture, as under a lamp: a plane fitted to the outermost
pixels, a garment that touches the edge left out. What differs from it is the object, with its holes filled.
"""

from dataclasses import dataclass

import numpy as np

from models.inputs.regions import numbered, regions

RIM = 0.02  # of the shorter side: the width of the frame in which the ground is seen
ROUNDS = 4  # of the fit of the ground
NEAR = (0.25, 0.12, 0.08, 0.08)  # of the full range: how far pixels of the frame may be from the ground, by round
PLAIN = 0.55  # of the frame: the share that must be ground
FAINTEST = 0.05  # of the full range: what differs less is ground
NOISE = 5.0  # standard deviations of the ground that are ground too
SPECK = 0.06  # of the largest part: smaller parts are not of the object
SMALLEST = 0.004  # of the picture: what is smaller is no object
GAP = 2  # pixels of an outline that are closed


@dataclass(frozen=True)
class CutOut:
    """An object and its ground.

    mask: bool (height, width), the object. is_plain: whether the ground is plain; if not, the mask is all True.
    light: the mean luminance of the ground, 0 to 1. hollow: whether the object is an outline with ground inside.
    """

    mask: np.ndarray
    is_plain: bool
    light: float
    hollow: bool


def cut_out(rgb: np.ndarray) -> CutOut:
    """The object in a picture, float32 (height, width, 3) from 0 to 1. Its mask is empty if there is only ground."""
    frame = _frame(rgb.shape[:2])
    ground, share, noise = _ground(rgb, frame)
    light = float(luminance(ground)[frame].mean())
    if share < PLAIN:
        return CutOut(np.ones(rgb.shape[:2], bool), is_plain=False, light=light, hollow=False)
    difference = np.abs(rgb - ground).max(axis=2)
    differs = difference > max(FAINTEST, NOISE * noise, 0.5 * _otsu(difference))
    filled = _filled(_without_specks(differs))
    if filled.mean() < SMALLEST:
        return CutOut(np.zeros_like(filled), is_plain=True, light=light, hollow=False)
    hollow = float(differs[filled].mean()) < 0.5
    return CutOut(filled, is_plain=True, light=light, hollow=hollow)


def luminance(rgb: np.ndarray) -> np.ndarray:
    """Grey from 0 to 1, (height, width), of a picture (height, width, 3) from 0 to 1."""
    return rgb @ np.float32([0.299, 0.587, 0.114])


def _frame(shape: tuple[int, int]) -> np.ndarray:
    """The outermost pixels, bool (height, width)."""
    width = max(1, round(RIM * min(shape)))
    frame = np.ones(shape, bool)
    frame[width:-width, width:-width] = False
    return frame


def _ground(rgb: np.ndarray, frame: np.ndarray) -> tuple[np.ndarray, float, float]:
    """The ground at each pixel, the share of the frame that is ground, and the standard deviation of its noise."""
    y, x = np.indices(frame.shape, np.float32)
    places = np.stack([np.ones_like(x), x / frame.shape[1], y / frame.shape[0]], axis=2)  # (height, width, 3)
    at, colours = places[frame], rgb[frame]
    fitted = np.broadcast_to(_commonest(colours), colours.shape)
    for near in NEAR[:ROUNDS]:
        inside = np.abs(colours - fitted).max(axis=1) < near
        if inside.sum() < 8:
            break
        plane = np.linalg.lstsq(at[inside], colours[inside], rcond=None)[0]  # (3, 3)
        fitted = at @ plane
        ground = places @ plane
    else:
        inside = np.abs(colours - fitted).max(axis=1) < NEAR[-1]
        noise = float(np.abs(colours - fitted)[inside].mean()) * 1.25 if inside.any() else 0.0
        return np.clip(ground, 0, 1).astype(np.float32), float(inside.mean()), noise
    return np.broadcast_to(np.float32(np.median(colours, axis=0)), rgb.shape), 0.0, 0.0


def _commonest(colours: np.ndarray) -> np.ndarray:
    """The mean of the commonest colour among (N, 3), to an eighth of the range."""
    steps = np.minimum((colours * 8).astype(int), 7) @ np.array([64, 8, 1])
    return colours[steps == np.bincount(steps).argmax()].mean(axis=0)


def _otsu(values: np.ndarray) -> float:
    """The threshold that separates values from 0 to 1 into two groups with the least variance within them."""
    counts, edges = np.histogram(values, bins=128, range=(0, 1))
    middles = (edges[1:] + edges[:-1]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    between = (sums[-1] * below - sums * below[-1]) ** 2 / np.maximum(below * above, 1)
    return float(edges[1:][int(between.argmax())])


def _without_specks(mask: np.ndarray) -> np.ndarray:
    parts = regions(mask)
    if not len(parts):
        return mask
    return parts.mask(parts.extent >= max(SPECK**0.5 * float(parts.extent.max()), 2))


def _filled(mask: np.ndarray) -> np.ndarray:
    """The mask with small gaps closed and holes filled: all that is not connected with the ground at the edge."""
    padded = np.pad(mask, GAP + 1)
    closed = ~_grown(~_grown(padded, GAP), GAP)
    outside = numbered(~closed)
    return (outside != outside[0, 0])[GAP + 1 : -GAP - 1, GAP + 1 : -GAP - 1] | mask


def _grown(mask: np.ndarray, by: int) -> np.ndarray:
    """The mask and all pixels up to `by` beside it, in both directions."""
    for axis in (0, 1):
        for _ in range(by):
            grown = mask.copy()
            first, rest = [slice(None)] * 2, [slice(None)] * 2
            first[axis], rest[axis] = slice(None, -1), slice(1, None)
            grown[tuple(first)] |= mask[tuple(rest)]
            grown[tuple(rest)] |= mask[tuple(first)]
            mask = grown
    return mask
