"""Doodles: drawings of things that are no characters, generated with a seed, on which ink models should abstain."""

import hashlib

import numpy as np

from training.data.dataset import Dataset, Raw, Sources
from training.data.doodle_kinds import TEST, VALIDATION
from training.data.hand import on_the_pad, shaken

PENS = (8.0, 18.0, 28.0)  # pixels
EACH = 12  # drawings of a kind with each pen
SEEDS = {"test": 30, "validation": 12}


def doodles(split: str) -> list[dict]:
    """The drawings of a split, kind by kind and pen by pen; the kinds of one split are not in the other."""
    random = np.random.default_rng(SEEDS[split])
    kinds = TEST if split == "test" else VALIDATION
    return [
        {"strokes": on_the_pad(shaken(strokes, random)), "pen": pen}
        for strokes in kinds.values()
        for pen in PENS
        for _ in range(EACH)
    ]


def _read(split: str, sources: Sources) -> Raw:
    drawings = doodles(split)
    digest = hashlib.sha256(b"".join(stroke.tobytes() for drawing in drawings for stroke in drawing["strokes"]))
    return Raw(drawings, None, (), digest.hexdigest())


DATASETS = (
    Dataset(
        "doodles",
        "Doodles",
        "training/data/doodles.py",
        "Apache-2.0",
        _read,
        splits=("validation", "test"),
        made_up=True,
    ),
)
