"""Inputs that are nothing: noise and scribbles, by seed 0, on which a model of characters should abstain."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from models.inputs.ink import PAD, PEN
from training.datasets.dataset import Dataset, Raw

COUNT = 1_000


def noise(count: int = COUNT, seed: int = 0) -> np.ndarray:
    """White noise, uint8 (count, 28, 28), every pixel uniform from 0 to 255."""
    return np.random.default_rng(seed).integers(0, 256, size=(count, 28, 28), dtype=np.uint8)


def scribbles(count: int = COUNT, seed: int = 0) -> list[dict[str, Any]]:
    """Drawings of 3 to 6 strokes, each a polyline through 4 to 10 points uniform on the pad, with the usual pen."""
    random = np.random.default_rng(seed)
    drawings = []
    for _ in range(count):
        lengths = random.integers(4, 11, size=random.integers(3, 7))
        drawings.append({"strokes": [random.uniform(0, PAD, size=(length, 2)) for length in lengths], "pen": PEN})
    return drawings


def _read_noise(part: str, root: Path | None) -> Raw:
    images = noise()
    return Raw(images, None, (), hashlib.sha256(images.tobytes()).hexdigest())


def _read_scribbles(part: str, root: Path | None) -> Raw:
    drawings = scribbles()
    digest = hashlib.sha256(b"".join(stroke.tobytes() for drawing in drawings for stroke in drawing["strokes"]))
    return Raw(drawings, None, (), digest.hexdigest())


_SELF = "training/datasets/made_up.py"

DATASETS = (
    Dataset("noise", "White noise", _SELF, "Apache-2.0", _read_noise, parts=("test",), made_up=True),
    Dataset("scribbles", "Scribbles", _SELF, "Apache-2.0", _read_scribbles, parts=("test",), made_up=True),
)
