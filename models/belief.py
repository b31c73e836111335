"""Belief: the probabilities after each prefix of a text, letter by letter or word by word."""

from dataclasses import dataclass

import numpy as np

from models.evidence import Spans


@dataclass(frozen=True, eq=False)
class Belief:
    """The answers to each prefix of a text.

    probabilities: float64 (parts, labels), calibrated; row i is the answer to the text up to and
        including part i of `places`.
    """

    labels: tuple[str, ...]
    probabilities: np.ndarray
    places: Spans

    def of(self, label: str) -> np.ndarray:
        """The probability of one label after each part, float64 (parts,)."""
        return self.probabilities[:, self.labels.index(label)]

    def leaders(self) -> list[str]:
        """The most probable label after each part."""
        return [self.labels[i] for i in self.probabilities.argmax(axis=1)]

    def rivals(self, label: str) -> list[tuple[str, float]]:
        """The most probable other label after each part, with its probability; `label` itself if it is the only one."""
        others = [i for i, name in enumerate(self.labels) if name != label] or [0]
        best = [others[i] for i in self.probabilities[:, others].argmax(axis=1)]
        return [(self.labels[i], float(row[i])) for i, row in zip(best, self.probabilities, strict=True)]
