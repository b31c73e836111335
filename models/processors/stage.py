"""A stage: one step from a picture to the net's input, for people."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Stage:
    """image: uint8 (height, width), ink dark on white, or (height, width, 3)."""

    title: str
    sentence: str
    image: np.ndarray
