"""Aligns pairs of pictures, to see whether one is a copy of the other, turned a little, cropped, shifted or rescaled.

An affine map is fitted by the inverse compositional algorithm (Baker and Matthews, "Lucas-Kanade 20 Years On", IJCV
2004) on standardised grey values, on halved pictures first. Affine rather than a similarity, because the pictures are
squares and their originals may not be.
"""

import numpy as np
from scipy.ndimage import gaussian_filter

COARSE_STEPS, FINE_STEPS = 12, 6
WINDOW = 0.8  # the central share that is compared: at the borders, a copy that was turned or cropped differs
MIN_OVERLAP = 0.6  # share of the compared part that must be within the other picture
MIN_COARSE = 0.55  # correlation of halved pictures; pairs below are not aligned further
LARGEST_STEP = 0.25  # change of an entry of the map in one step
EPSILON = 1e-6


def agreement(
    left: np.ndarray, right: np.ndarray, start: np.ndarray | None = None, scales: tuple[float, float] = (0.8, 2.5)
) -> tuple[np.ndarray, np.ndarray]:
    """The correlation of each pair after alignment, and that of its details, both float32 (N,).

    left, right: float32 (N, S, S), S even. start: the affine maps to begin with, (N, 2, 3), in units of half a side
    from the centre (default: the identity). scales: details are what lies between these two, in pixels. Both are 0 for
    pairs that differ much or hardly overlap.
    """
    maps = np.tile(np.eye(2, 3, dtype=np.float32), (len(left), 1, 1)) if start is None else start.astype(np.float32)
    coarse, maps = _aligned(_halved(left), _halved(right), maps, COARSE_STEPS)
    whole, details = np.zeros((2, len(left)), np.float32)
    rows = np.flatnonzero(coarse > MIN_COARSE)
    if len(rows):
        left, right = left[rows], right[rows]
        whole[rows], maps = _aligned(left, right, maps[rows], FINE_STEPS)
        points = _points(left.shape[1])[0]
        other, inside = _sampled(_details(right, scales), maps @ points)
        details[rows] = _correlation(
            _details(left, scales).reshape(len(rows), -1)[:, _points(left.shape[1])[1]], other, inside
        )
    return whole, details


def _details(pictures: np.ndarray, scales: tuple[float, float]) -> np.ndarray:
    """What remains of the pictures without their large areas of light and dark, and without what is finest."""
    fine, coarse = (gaussian_filter(pictures, (0, scale, scale), mode="nearest") for scale in scales)
    return fine - coarse


def _halved(pictures: np.ndarray) -> np.ndarray:
    count, side = pictures.shape[:2]
    means = pictures.reshape(count, side // 2, 2, side // 2, 2).mean(axis=(2, 4))
    return gaussian_filter(means, (0, 0.7, 0.7), mode="nearest")


def _points(side: int) -> tuple[np.ndarray, np.ndarray]:
    """The pixels that are compared: homogeneous coordinates, float32 (3, P), and indices into the picture, (P,)."""
    axis = ((np.arange(side) + 0.5) * 2 / side - 1).astype(np.float32)
    y, x = (grid.ravel() for grid in np.meshgrid(axis, axis, indexing="ij"))
    chosen = np.flatnonzero(np.maximum(abs(x), abs(y)) < WINDOW)
    return np.stack([x[chosen], y[chosen], np.ones(len(chosen), np.float32)]), chosen


def _aligned(left: np.ndarray, right: np.ndarray, maps: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """The highest correlation of each pair on the way, (N,), and its map."""
    count, side = left.shape[:2]
    points, chosen = _points(side)
    target = left.reshape(count, -1)[:, chosen]
    mean, spread = target.mean(axis=1, keepdims=True), target.std(axis=1, keepdims=True) + EPSILON
    standard = (target - mean) / spread
    slopes = [np.gradient(left, 2 / side, axis=axis).reshape(count, -1)[:, chosen] / spread for axis in (2, 1)]
    descent = np.concatenate([slope[:, None] * points for slope in slopes], axis=1)  # (N, 6, P)
    hessian = descent @ descent.transpose(0, 2, 1)
    damping = (1e-4 * np.trace(hessian, axis1=1, axis2=2) + EPSILON)[:, None, None] * np.eye(6, dtype=np.float32)
    inverse = np.linalg.inv(hessian + damping)
    best, best_maps = np.full(count, -1, np.float32), maps.copy()
    for step in range(steps + 1):
        other, inside = _sampled(right, maps @ points)
        score = _correlation(target, other, inside)
        better = score > best
        best[better], best_maps[better] = score[better], maps[better]
        if step == steps:
            break
        number = inside.sum(axis=1, keepdims=True) + EPSILON
        middle = (other * inside).sum(axis=1, keepdims=True) / number
        other = (other - middle) * inside
        other /= np.sqrt((other**2).sum(axis=1, keepdims=True) / number) + EPSILON
        error = (other - standard) * inside
        change = (inverse @ (descent @ error[:, :, None]))[:, :, 0]
        maps = _composed(maps, np.clip(change, -LARGEST_STEP, LARGEST_STEP).reshape(-1, 2, 3))
    return best, best_maps


def _composed(maps: np.ndarray, change: np.ndarray) -> np.ndarray:
    """The maps after the inverse of a small change, all (N, 2, 3)."""
    last = np.broadcast_to(np.array([[0, 0, 1]], np.float32), (len(maps), 1, 3))
    step = np.concatenate([change + np.eye(2, 3, dtype=np.float32), last], axis=1)
    return (np.concatenate([maps, last], axis=1) @ np.linalg.inv(step))[:, :2]


def _sampled(pictures: np.ndarray, where: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Interpolated values, float32 (N, P), at positions (N, 2, P), and whether these are within the picture, bool."""
    count, side = pictures.shape[:2]
    inside = (np.abs(where) < 1).all(axis=1)
    position = np.clip((where + 1) * np.float32(side / 2) - np.float32(0.5), 0, side - 1.001)
    low = position.astype(np.int32)
    dx, dy = (position - low).transpose(1, 0, 2)
    corner = low[:, 1] * side + low[:, 0] + (np.arange(count, dtype=np.int32) * side * side)[:, None]
    flat = pictures.ravel()
    top = flat[corner] * (1 - dx) + flat[corner + 1] * dx
    bottom = flat[corner + side] * (1 - dx) + flat[corner + side + 1] * dx
    return top * (1 - dy) + bottom * dy, inside


def _correlation(left: np.ndarray, right: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """The correlation of each row of two matrices (N, P) over the points inside; 0 if there are few."""
    number = inside.sum(axis=1, keepdims=True) + EPSILON
    a, b = ((values - (values * inside).sum(axis=1, keepdims=True) / number) * inside for values in (left, right))
    score = (a * b).sum(axis=1) / (np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1)) + EPSILON)
    return np.where(number[:, 0] < MIN_OVERLAP * left.shape[1], 0, score).astype(np.float32)
