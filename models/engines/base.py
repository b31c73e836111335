"""The interface of engines."""

from typing import Protocol

import numpy as np


class Engine(Protocol):
    """Runs a checkpoint's net. name: "onnx" or "torch"; device: "cpu", "cuda" or "mps"."""

    name: str
    device: str

    def run(self, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The outputs for a batch of N, float32: `logits` (N, L), `familiarity` (N,).

        Some nets also give `evidence` (N, L, rows, columns). Raises ZooError if the net cannot be run.
        """
