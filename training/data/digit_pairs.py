"""Two digits in one drawing: side by side, diagonally or above each other, with a small gap, touching or overlapping.

Made of UNIPEN's digits, two by one writer of the split; with seeds. A model of single digits should abstain.
"""

import hashlib

import numpy as np

from models.inputs.strokes import PAD
from training.data.dataset import SPLITS, Dataset, Raw, Sources
from training.data.hand import Strokes
from training.data.unipen_strokes import DIGITS, DRAWN, read_strokes

COUNTS = {"train": 6_000, "validation": 600, "test": 600}
PENS = (6, 22)  # pixels, the range of pen widths
LONGEST = 230.0  # pixels, the longer side of the pair
GAPS = (-0.06, 0.12)  # of the longer side, between the inked areas


def pairs(split: str, sources: Sources) -> list[dict]:
    """The drawings of a split, `{"strokes": [...], "pen": ...}` each."""
    random = np.random.default_rng((SPLITS.index(split), 42))
    written = read_strokes("digits", DIGITS, 1.0, split, sources).inputs
    drawings = []
    for _ in range(COUNTS[split]):
        first = int(random.integers(len(written) - 12))
        second = first + int(random.integers(1, 12))  # UNIPEN is sorted by writer
        pen = float(np.round(random.uniform(*PENS), 1))
        strokes = _beside([written[row]["strokes"] for row in (first, second)], pen, random)
        drawings.append({"strokes": strokes, "pen": pen})
    return drawings


def _beside(digits: list[Strokes], pen: float, random: np.random.Generator) -> Strokes:
    """The strokes of two digits placed beside each other and centred on the pad."""
    left = [stroke - np.concatenate(digits[0]).min(axis=0) for stroke in digits[0]]
    right = [stroke - np.concatenate(digits[1]).min(axis=0) for stroke in digits[1]]
    size, other = (np.concatenate(digit).max(axis=0) for digit in (left, right))
    gap = random.uniform(*GAPS) * LONGEST + pen
    kind = random.random()
    if kind < 0.6:  # side by side, with a common base line, more or less
        offset = np.array((size[0] + gap, size[1] - other[1] + random.uniform(-0.15, 0.15) * DRAWN))
    elif kind < 0.85:  # diagonally, down or up
        down = random.choice((-1, 1)) * random.uniform(0.3, 0.9)
        offset = np.array((size[0] + gap, down * DRAWN))
    else:
        offset = np.array((random.uniform(-0.2, 0.2) * DRAWN, size[1] + gap))
    strokes = [*left, *(stroke + offset for stroke in right)]
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = LONGEST / float((high - low).max())
    return [(stroke - (low + high) / 2) * scale + PAD / 2 for stroke in strokes]


def _read(split: str, sources: Sources) -> Raw:
    drawings = pairs(split, sources)
    digest = hashlib.sha256(b"".join(stroke.tobytes() for drawing in drawings for stroke in drawing["strokes"]))
    return Raw(drawings, None, (), digest.hexdigest())


DATASETS = (
    Dataset(
        "digit-pairs",
        "Two digits in one drawing",
        "training/data/digit_pairs.py, on https://doi.org/10.5281/zenodo.1195803",
        "CC BY 4.0, International Unipen Foundation",
        _read,
        made_up=True,
    ),
)
