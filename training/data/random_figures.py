"""Figures made of random shapes, and scribbles: examples of ink that is no character, for fitting familiarity.

None of them is a doodle of `doodle_kinds`: a figure is one outline, shapes side by side, on top of or inside each
other, or a shape that is mirrored or turned around a centre.
"""

import hashlib
from collections.abc import Callable

import numpy as np

from training.data.dataset import Dataset, Raw, Sources
from training.data.hand import Random, Strokes, line, on_the_pad, oval, shaken

COUNT = 12_000
PENS = (6, 32)  # pixels, the range of pen widths


def figures(count: int = COUNT, seed: int = 5) -> list[dict]:
    """Random figures, `{"strokes": [...], "pen": ...}` each."""
    random = np.random.default_rng(seed)
    drawings = []
    for number in range(count):
        strokes = FIGURES[number % len(FIGURES)](random)
        pen = float(np.round(random.uniform(*PENS), 1))
        drawings.append({"strokes": on_the_pad(shaken(strokes, random)), "pen": pen})
    return drawings


def _outline(random: Random) -> Strokes:
    """One closed outline, sometimes with a few lines in it."""
    outline = _wavy(random) if random.random() < 0.4 else _polygon(random)
    return [outline, *_details(random, int(random.integers(0, 3)))]


def _inside(random: Random) -> Strokes:
    """Shapes inside an outline."""
    strokes = [_closed_shape(random)]
    for _ in range(random.integers(1, 5)):
        strokes += _placed(_any_shape(random), random.uniform(0.25, 0.75, 2), random.uniform(0.08, 0.5, 2))
    return strokes


def _stacked(random: Random) -> Strokes:
    """Two to four shapes above each other, or side by side, that touch."""
    strokes, place = [], 0.0
    for _ in range(random.integers(2, 5)):
        width, height = random.uniform(0.15, 1.0), random.uniform(0.15, 0.7)
        shape = _closed_shape(random) if random.random() < 0.7 else _any_shape(random)[0]
        strokes += _placed([shape], (0.5 + random.normal(0, 0.04), place + height / 2), (width, height))
        place += height
    if random.random() < 0.4:
        strokes = [stroke[:, ::-1] for stroke in strokes]
    return [*strokes, *_details(random, int(random.integers(0, 2)))]


def _mirrored(random: Random) -> Strokes:
    """A line and its mirror image, with a few lines across."""
    count = random.integers(3, 7)
    half = np.stack((np.r_[0, random.uniform(0.1, 0.5, count - 2), 0], np.sort(random.uniform(0, 1, count))), axis=1)
    half[0, 1], half[-1, 1] = 0, 1
    if random.random() < 0.5:
        half = _smooth(half)
    sides = [half * (side, 1) + (0.5, 0) for side in (-1, 1)]
    across = [line((0.5 - w, y), (0.5 + w, y)) for w, y in random.uniform(0.1, 0.5, (random.integers(0, 3), 2))]
    pair = random.random() < 0.3
    extra = _placed(_any_shape(random), (0.25, random.uniform(0.2, 0.8)), random.uniform(0.1, 0.4, 2)) if pair else []
    return [*sides, *across, *extra, *(np.abs((1, 0) - stroke) for stroke in extra)]


def _turned(random: Random) -> Strokes:
    """A shape turned around a centre several times, perhaps with a shape in the middle."""
    count = int(random.integers(3, 10))
    inner, outer = random.uniform(0.05, 0.4), 0.5
    if random.random() < 0.35:  # a star or a gear
        radius = np.resize((outer, max(inner, 0.12)), 2 * count + 1)
        angle = np.arange(2 * count + 1) * np.pi / count
        strokes = [np.stack((radius * np.sin(angle), -radius * np.cos(angle)), axis=1) + 0.5]
    else:
        arm = [line((0, -inner), (0, -outer))] if random.random() < 0.5 else []
        arm = arm or _placed(
            [_closed_shape(random)], (0, -(inner + outer) / 2), (random.uniform(0.1, 0.4), outer - inner)
        )
        strokes = []
        for angle in np.arange(count) * 2 * np.pi / count:
            turn = np.array(((np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))))
            strokes += [stroke @ turn.T + 0.5 for stroke in arm]
    middle = random.random()
    if middle < 0.3:
        strokes.append(oval(0.5, 0.5, inner))
    elif middle < 0.5:
        strokes.append(_placed([_closed_shape(random)], (0.5, 0.5), (inner, inner))[0])
    return strokes


def _attached(random: Random) -> Strokes:
    """A closed shape with lines, arcs and small shapes that start at its edge."""
    strokes = [_closed_shape(random)]
    for _ in range(random.integers(1, 5)):
        start = strokes[0][random.integers(len(strokes[0]))]
        kind = random.random()
        if kind < 0.5:
            strokes.append(line(start, start + random.uniform(-0.6, 0.6, 2)))
        elif kind < 0.75:
            strokes.append(_smooth(np.cumsum(np.vstack((start, random.uniform(-0.3, 0.3, (3, 2)))), axis=0)))
        else:
            strokes += _placed([_closed_shape(random)], start, random.uniform(0.1, 0.45, 2))
    return strokes


def _scribble(random: Random) -> Strokes:
    """One to four broken or smooth lines through random points."""
    strokes = []
    for _ in range(random.integers(1, 5)):
        points = random.uniform(0, 1, (random.integers(5, 12), 2))
        strokes.append(_smooth(points) if random.random() < 0.6 else points)
    return strokes


def _scattered(random: Random) -> Strokes:
    """Shapes anywhere."""
    strokes = []
    for _ in range(random.integers(3, 8)):
        strokes += _placed(_any_shape(random), random.uniform(0, 1, 2), random.uniform(0.1, 0.6, 2))
    return strokes


def _grid(random: Random) -> Strokes:
    """Parallel and crossing lines, perhaps in a box."""
    down, across = random.integers(1, 5, 2)
    strokes = [line((x, 0), (x, 1)) for x in np.linspace(0, 1, down + 2)[1:-1]]
    strokes += [line((0, y), (1, y)) for y in np.linspace(0, 1, across + 2)[1:-1]]
    box = random.random() < 0.6 or down + across < 4
    return [*strokes, line((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))] if box else strokes


FIGURES: tuple[Callable[[Random], Strokes], ...] = (
    _outline,
    _inside,
    _stacked,
    _mirrored,
    _turned,
    _attached,
    _outline,
    _inside,
    _mirrored,
    _attached,
    _scribble,
    _scattered,
    _grid,
)


def _polygon(random: Random) -> np.ndarray:
    """A closed polygon of three to nine corners around a centre."""
    count = int(random.integers(3, 10))
    angle = np.sort((np.arange(count) + random.uniform(-0.35, 0.35, count)) * 2 * np.pi / count)
    radius = random.uniform(0.2, 0.5, count)
    points = np.stack((radius * np.sin(angle), -radius * np.cos(angle)), axis=1) + 0.5
    return np.vstack((points, points[:1]))


def _wavy(random: Random) -> np.ndarray:
    """A closed smooth outline that is no oval."""
    angle = np.linspace(0, 2 * np.pi, 60)
    waves = sum(
        random.uniform(0.1, 0.45) / number * np.sin(number * angle + random.uniform(0, 2 * np.pi))
        for number in random.choice(np.arange(2, 9), size=2, replace=False)
    )
    radius = 0.35 * (1 + waves)
    return np.stack((radius * np.sin(angle), -radius * np.cos(angle) * random.uniform(0.5, 1.5)), axis=1) + 0.5


def _closed_shape(random: Random) -> np.ndarray:
    """A box, a triangle, an oval, a half oval, a polygon or a smooth outline."""
    kind = random.integers(6)
    if kind == 0:
        inset = random.uniform(0, 0.3)
        return line((inset, 0), (1 - inset, 0), (1, 1), (0, 1), (inset, 0))
    if kind == 1:
        return line((random.uniform(0.2, 0.8), 0), (1, 1), (0, 1), (random.uniform(0.2, 0.8), 0))
    if kind == 2:
        return oval(0.5, 0.5, 0.5, random.uniform(0.3, 0.5))
    if kind == 3:
        return line(oval(0.5, 0.5, 0.5, 0.5, -90, 90), (0, 0.5))
    return _polygon(random) if kind == 4 else _wavy(random)


def _any_shape(random: Random) -> Strokes:
    """A closed shape, a line, an arc, a zigzag, a cross, a spiral or a dot."""
    kind = random.integers(9)
    if kind == 0:
        return [random.uniform(0, 1, (2, 2))]
    if kind == 1:
        return [oval(0.5, 0.5, 0.5, 0.5, *np.sort(random.uniform(0, 360, 2)))]
    if kind == 2:
        points = np.linspace(0, 1, random.integers(3, 7))
        return [np.stack((points, np.arange(len(points)) % 2), axis=1)]
    if kind == 3:
        return [line((0, 0), (1, 1)), line((1, 0), (0, 1))]
    if kind == 4:
        angle = np.linspace(0, random.uniform(3, 8) * np.pi, 60)
        return [np.stack((np.sin(angle), np.cos(angle)), axis=1) * (angle / angle[-1] / 2)[:, None] + 0.5]
    if kind == 5:
        return [oval(0.5, 0.5, 0.05)]
    return [_closed_shape(random)]


def _details(random: Random, count: int) -> Strokes:
    strokes = []
    for _ in range(count):
        strokes += _placed(_any_shape(random), random.uniform(0.2, 0.8, 2), random.uniform(0.1, 0.5, 2))
    return strokes


def _placed(strokes: Strokes, centre, size) -> Strokes:
    """The strokes, of a unit square, scaled to `size` with their middle at `centre`."""
    return [(stroke - 0.5) * np.asarray(size) + np.asarray(centre) for stroke in strokes]


def _smooth(points: np.ndarray) -> np.ndarray:
    """A smooth line through the points: Catmull-Rom, six places between two points."""
    padded = np.vstack((2 * points[0] - points[1], points, 2 * points[-1] - points[-2]))
    t = np.linspace(0, 1, 6, endpoint=False)[:, None]
    parts = []
    for a, b, c, d in zip(padded[:-3], padded[1:-2], padded[2:-1], padded[3:], strict=True):
        parts.append(b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))))
    return np.vstack((*parts, points[-1:]))


def _read(split: str, sources: Sources) -> Raw:
    drawings = figures()
    digest = hashlib.sha256(b"".join(stroke.tobytes() for drawing in drawings for stroke in drawing["strokes"]))
    return Raw(drawings, None, (), digest.hexdigest())


DATASETS = (
    Dataset(
        "random-figures",
        "Random figures",
        "training/data/random_figures.py",
        "Apache-2.0",
        _read,
        splits=("train",),
        made_up=True,
    ),
)
