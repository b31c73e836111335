"""Belief: what a model thinks of a text after each of its letters or words, from the first to the whole."""

from dataclasses import dataclass

import numpy as np

from models.evidence import Spans


@dataclass(frozen=True, eq=False)
class Belief:
    """probabilities: float64 (parts, labels), calibrated; row i is the answer to the text up to and with part i of `places`."""

    labels: tuple[str, ...]
    probabilities: np.ndarray
    places: Spans

    def of(self, label: str) -> np.ndarray:
        """How probable one label was after each part, float64 (parts,)."""
        return self.probabilities[:, self.labels.index(label)]
