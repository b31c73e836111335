"""Digits as they are written in Europe: 1 with a long flag, 7 with a bar, open 4 and slashed 0; generated, with seeds.

Half of the 0, 1 and 7 are UNIPEN's, drawn by the writers of the same split, with the slash, flag or bar added; the
others, and all 4, consist of lines and arcs that are slanted, rotated and bent at random.
"""

import hashlib
from collections.abc import Callable

import numpy as np

from training.data.dataset import SPLITS, Dataset, Raw, Sources
from training.data.hand import Random, Strokes, line, on_the_pad, shaken
from training.data.unipen_strokes import DIGITS, read_strokes

COUNTS = {"train": 6_000, "validation": 1_000, "test": 1_000}
FORMS = "0147"
PENS = (8, 28)  # pixels, the range of pen widths
FLAG_ANGLE = (20, 58)  # degrees between flag and stem; in a 7, bar and stem meet at 60 to 110
FLAG_LENGTH = (0.35, 0.95)  # of the stem


def forms(split: str, sources: Sources) -> tuple[list[dict], np.ndarray]:
    """The drawings of a split, `{"strokes": [...], "pen": ...}` each, and their digits, int64 (N,)."""
    random = np.random.default_rng((SPLITS.index(split), 147))
    written = read_strokes("digits", DIGITS, 1.0, split, sources)
    by_digit = {
        label: [written.inputs[row]["strokes"] for row in np.flatnonzero(written.labels == int(label))]
        for label in FORMS
    }
    drawings, labels = [], np.arange(COUNTS[split]) % len(FORMS)
    for form in labels:
        label = FORMS[form]
        strokes = None
        if label in ADDED and random.random() < 0.5:
            strokes = _written(by_digit[label], ADDED[label], random)
        strokes = strokes or shaken(DRAWN_FROM[label](random), random)
        drawings.append({"strokes": on_the_pad(strokes), "pen": float(np.round(random.uniform(*PENS), 1))})
    return drawings, np.array([int(FORMS[form]) for form in labels], np.int64)


def _one(random: Random) -> Strokes:
    """A stem with a flag and, in a quarter of them, a base line; y down, the stem of length 1."""
    strokes = [line(_flag(random, np.zeros(2), 1.0), (0, 0), (0, 1))]
    if random.random() < 0.25:
        left, right = random.uniform(0.12, 0.35, 2)
        strokes.append(line((-left, 1), (right, 1)))
    return strokes


def _seven(random: Random) -> Strokes:
    """A 7 with a bar and, in a third of them, a serif."""
    width, lean = random.uniform(0.4, 0.75), random.uniform(0.1, 0.45)
    start = np.array((-width, random.uniform(-0.06, 0.1)))
    serif = [start + (random.uniform(-0.08, 0.05), random.uniform(0.08, 0.2))] if random.random() < 0.33 else []
    bend = np.array((-lean * random.uniform(0.2, 0.7), 0.4))
    height, reach = random.uniform(0.4, 0.62), random.uniform(0.12, 0.3, 2)
    middle, rise = -lean * height, random.uniform(-0.06, 0.06)
    bar = line((middle - reach[0], height + rise), (middle + reach[1], height - rise))
    return [line(*serif, start, (0, 0), bend, (-lean, 1)), bar]


def _four(random: Random) -> Strokes:
    """An open 4: an angle or a curve, and a stem that does not touch its top."""
    floor, right = random.uniform(0.5, 0.72), random.uniform(0.25, 0.5)
    left = random.uniform(0.3, 0.5)
    corner = np.array((-left + random.uniform(-0.12, 0.08), floor))
    top = np.array((-left + random.uniform(0.0, 0.12), 0.0))
    stem_top = random.uniform(-0.08, 0.4)
    lean = random.uniform(-0.06, 0.06)
    return [line(top, corner, (right, floor + random.uniform(-0.08, 0.04))), line((0.1, stem_top), (0.1 + lean, 1))]


def _zero(random: Random) -> Strokes:
    """An oval with a slash."""
    half = random.uniform(0.22, 0.42)
    start = random.uniform(-0.4, 0.4)
    angle = np.linspace(start, start + 2 * np.pi + random.uniform(-0.2, 0.3), 40)
    oval = np.stack((half * np.sin(angle), 0.5 - 0.5 * np.cos(angle)), axis=1)
    return [oval, _slash(oval, random)]


def _add_flag(strokes: Strokes, random: Random) -> Strokes | None:
    """A written 1 with a flag; None if it is not a plain line."""
    points = strokes[0] if strokes[0][0, 1] <= strokes[0][-1, 1] else strokes[0][::-1]
    span = points.max(axis=0) - points.min(axis=0)
    if len(strokes) > 1 or span[1] < 1 or span[0] > 0.3 * span[1] or points[0, 1] > points[:, 1].min() + 0.03 * span[1]:
        return None
    stem = points[-1] - points[0]
    length = float(np.hypot(*stem))
    return [np.vstack((_flag(random, points[0], length, float(np.arctan2(-stem[0], stem[1]))), points))]


def _add_bar(strokes: Strokes, random: Random) -> Strokes | None:
    """A written 7 with a bar; None if it may have one already."""
    if len(strokes) > 1:
        return None
    points = strokes[0]
    low, high = points.min(axis=0), points.max(axis=0)
    height = low[1] + random.uniform(0.42, 0.62) * (high[1] - low[1])
    below = points[points[:, 1] > low[1] + 0.3 * (high[1] - low[1])]
    if len(below) < 2:
        return None
    x = below[np.abs(below[:, 1] - height).argmin(), 0]
    reach, rise = random.uniform(0.12, 0.3, 2) * (high[1] - low[1]), random.uniform(-8, 8)
    return [points, np.array(((x - reach[0], height + rise), (x + reach[1], height - rise)))]


def _add_slash(strokes: Strokes, random: Random) -> Strokes | None:
    """A written 0 with a slash; None if it may have one already."""
    return [strokes[0], _slash(strokes[0], random)] if len(strokes) == 1 else None


ADDED: dict[str, Callable] = {"0": _add_slash, "1": _add_flag, "7": _add_bar}
DRAWN_FROM: dict[str, Callable] = {"0": _zero, "1": _one, "4": _four, "7": _seven}


def _written(candidates: list[Strokes], add: Callable, random: Random) -> Strokes | None:
    """One of the written digits with the addition; None if ten in a row do not take it."""
    for number in random.integers(len(candidates), size=10):
        if (strokes := add(candidates[number], random)) is not None:
            return strokes
    return None


def _flag(random: Random, top: np.ndarray, length: float, lean: float = 0.0) -> np.ndarray:
    """Points of a flag from its free end to just before `top`, (2, 2), slightly curved.

    length: of the stem. lean: radians by which the stem leans to the right.
    """
    angle = np.radians(random.uniform(*FLAG_ANGLE)) + lean
    far = top + random.uniform(*FLAG_LENGTH) * length * np.array((-np.sin(angle), np.cos(angle)))
    return np.stack((far, (far + top) / 2 + random.normal(0, 0.02 * length, 2)))


def _slash(oval: np.ndarray, random: Random) -> np.ndarray:
    """A slash through an oval, (2, 2), from the lower left to the upper right (rarely the other way)."""
    low, high = oval.min(axis=0), oval.max(axis=0)
    over = random.uniform(-0.22, 0.15, 2) * (high - low).max()
    centre, half = (low + high) / 2, (high - low) / 2
    direction = np.array((half[0] * (-1 if random.random() < 0.1 else 1), -half[1]))
    direction /= np.hypot(*direction)
    reach = np.hypot(*half) * 0.85
    return np.stack((centre - direction * (reach + over[0]), centre + direction * (reach + over[1])))


def _read(split: str, sources: Sources) -> Raw:
    drawings, labels = forms(split, sources)
    digest = hashlib.sha256()
    for drawing in drawings:
        digest.update(np.concatenate(drawing["strokes"]).tobytes() + str(drawing["pen"]).encode())
    return Raw(drawings, labels, DIGITS, digest.hexdigest())


DATASETS = (
    Dataset(
        name="digit-forms",
        title="European digit forms",
        address="training/data/digit_forms.py, on https://doi.org/10.5281/zenodo.1195803",
        licence="CC BY 4.0, International Unipen Foundation",
        read=_read,
    ),
)
