"""Processed examples: named arrays that share their first dimension, labels, and the number of refused inputs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Examples:
    """Processed inputs with labels.

    inputs: name -> array (N, ...), from the processor. labels: int64 (N,); -1 for inputs that are not of the task.
    refused: the number of further inputs that the processor refused (blank ones); they count as wrong in accuracies.
    """

    inputs: dict[str, np.ndarray]
    labels: np.ndarray
    refused: int = 0

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: np.ndarray) -> "Examples":
        """The examples of these rows (indices or a mask); refused inputs have no row and are not counted."""
        return Examples({name: array[rows] for name, array in self.inputs.items()}, self.labels[rows])

    @staticmethod
    def join(parts: Sequence["Examples"]) -> "Examples":
        """Concatenate several sets of examples; arrays of texts are zero-padded to the longest."""
        inputs = {name: _stack([part.inputs[name] for part in parts]) for name in parts[0].inputs}
        return Examples(inputs, np.concatenate([part.labels for part in parts]), sum(part.refused for part in parts))


def _stack(arrays: list[np.ndarray]) -> np.ndarray:
    if arrays[0].ndim > 1 and len({array.shape[1] for array in arrays}) > 1:
        width = max(array.shape[1] for array in arrays)
        rest = [(0, 0)] * (arrays[0].ndim - 2)
        arrays = [np.pad(array, [(0, 0), (0, width - array.shape[1]), *rest]) for array in arrays]
    return np.concatenate(arrays)
