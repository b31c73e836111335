"""What if: the answers along the range of one field, while the others keep their values."""

from dataclasses import dataclass

import numpy as np

from models.field import Field
from models.inputs.fields import Value


@dataclass(frozen=True, eq=False)
class WhatIf:
    """The answers to one input with different values of a field.

    values: of the field, numbers in ascending order or choices; at: its value in the input. probabilities: float64
    (values, labels), calibrated.
    """

    field: Field
    labels: tuple[str, ...]
    values: tuple[float | str, ...]
    at: Value
    probabilities: np.ndarray

    def of(self, label: str) -> np.ndarray:
        """The probability of one label for each value, float64 (values,)."""
        return self.probabilities[:, self.labels.index(label)]
