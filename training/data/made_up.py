"""Generated inputs without meaning, on which a model should abstain.

Noise and scribbles for characters, patterns for pictures, all with seed 0.
"""

import hashlib
from typing import Any

import numpy as np

from models.inputs.strokes import PAD, PEN
from training.data.dataset import Dataset, Raw, Sources

COUNT = 1_000
PATTERNS = 200  # fewer, because photo nets are slow


def noise(count: int = COUNT, seed: int = 0) -> np.ndarray:
    """White noise, uint8 (count, 28, 28), every pixel uniform from 0 to 255."""
    return np.random.default_rng(seed).integers(0, 256, size=(count, 28, 28), dtype=np.uint8)


def scribbles(count: int = COUNT, seed: int = 0) -> list[dict[str, Any]]:
    """Drawings of 3 to 6 strokes, each a polyline through 4 to 10 points uniform on the pad, with the default pen."""
    random = np.random.default_rng(seed)
    drawings = []
    for _ in range(count):
        lengths = random.integers(4, 11, size=random.integers(3, 7))
        drawings.append({"strokes": [random.uniform(0, PAD, size=(length, 2)) for length in lengths], "pen": PEN})
    return drawings


def patterns(count: int = PATTERNS, seed: int = 0) -> np.ndarray:
    """Patterns, uint8 (count, 64, 64, 3): in turn plain colour, gradient, stripes and two-coloured noise."""
    random = np.random.default_rng(seed)
    place = np.linspace(0, 1, 64)
    shares = []  # of the second colour, (64, 64)
    for number in range(count):
        (x, y), slope = np.meshgrid(place, place), random.uniform(0, 2 * np.pi)
        across = x * np.cos(slope) + y * np.sin(slope)  # from -1.42 to 1.42
        stripes = np.sin(across * random.uniform(5, 80)) > 0
        shares.append((np.zeros((64, 64)), across / 3 + 0.5, stripes, random.random((64, 64)))[number % 4])
    colours = random.uniform(0, 255, (count, 2, 1, 1, 3))
    mixed = colours[:, 0] + np.stack(shares)[..., None] * (colours[:, 1] - colours[:, 0])
    return np.round(mixed).astype(np.uint8)


def _read_patterns(split: str, sources: Sources) -> Raw:
    pictures = patterns()
    return Raw(pictures, None, (), hashlib.sha256(pictures.tobytes()).hexdigest())


def _read_noise(split: str, sources: Sources) -> Raw:
    images = noise()
    return Raw(images, None, (), hashlib.sha256(images.tobytes()).hexdigest())


def _read_scribbles(split: str, sources: Sources) -> Raw:
    drawings = scribbles()
    digest = hashlib.sha256(b"".join(stroke.tobytes() for drawing in drawings for stroke in drawing["strokes"]))
    return Raw(drawings, None, (), digest.hexdigest())


_SELF = "training/data/made_up.py"

DATASETS = (
    Dataset("noise", "White noise", _SELF, "Apache-2.0", _read_noise, splits=("test",), made_up=True),
    Dataset("patterns", "Patterns", _SELF, "Apache-2.0", _read_patterns, splits=("test",), made_up=True),
    Dataset("scribbles", "Scribbles", _SELF, "Apache-2.0", _read_scribbles, splits=("test",), made_up=True),
)
