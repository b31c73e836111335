"""Strokes drawn as by a hand: figures of lines and arcs, slanted, rotated and bent at random."""

import numpy as np

from models.inputs.strokes import PAD
from training.data.unipen_strokes import DRAWN

POINTS = 24  # of a stroke that is bent

Strokes = list[np.ndarray]  # each (points, 2), y down
Random = np.random.Generator


def line(*points) -> np.ndarray:
    """A stroke through points or arrays of points, (P, 2)."""
    return np.array([np.asarray(point, float) for part in points for point in np.atleast_2d(part)])


def oval(x: float, y: float, rx: float, ry: float | None = None, start: float = 0, end: float = 360) -> np.ndarray:
    """An oval or a part of one, in degrees clockwise from the top, (P, 2)."""
    angle = np.radians(np.linspace(start, end, max(6, int(abs(end - start) / 10))))
    return np.stack((x + rx * np.sin(angle), y - (rx if ry is None else ry) * np.cos(angle)), axis=1)


def shaken(strokes: Strokes, random: Random) -> Strokes:
    """The strokes slanted, rotated, stretched and bent at random; their figure is about 1 high."""
    slant, turn = random.uniform(-0.12, 0.3), np.radians(random.normal(0, 5))
    shape = np.array(((1, -slant), (0, 1))) * (random.uniform(0.85, 1.2), 1.0)
    rotation = np.array(((np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn))))
    waves = random.normal(0, 0.012, (3, 2)), random.uniform(0, 2 * np.pi, (3, 2))
    bent = []
    for stroke in strokes:
        points = resampled(stroke) @ (rotation @ shape).T
        for number, (size, phase) in enumerate(zip(*waves, strict=True), start=1):
            points = points + size * np.sin(2 * number * points[:, ::-1] + phase)
        bent.append(points + random.normal(0, 0.012, 2))
    return bent


def resampled(stroke: np.ndarray) -> np.ndarray:
    """POINTS points along a stroke, the corners among them."""
    steps = np.hypot(*np.diff(stroke, axis=0).T)
    along = np.concatenate(([0], np.cumsum(steps)))
    places = np.union1d(np.linspace(0, along[-1], POINTS), along)
    return np.stack([np.interp(places, along, stroke[:, axis]) for axis in (0, 1)], axis=1)


def on_the_pad(strokes: Strokes) -> Strokes:
    """Scaled so that the longer side has DRAWN pixels, and centred."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = DRAWN / max(float((high - low).max()), 1e-6)
    return [(stroke - (low + high) / 2) * scale + PAD / 2 for stroke in strokes]
