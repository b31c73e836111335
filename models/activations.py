"""The activations of each layer of a small convolutional net, computed by the separate graph `activations.onnx`."""

from typing import Any

import numpy as np

from models.checkpoint import FIX, Checkpoint
from models.errors import BadCheckpoint

FILE = "activations.onnx"
MAX_VALUES = 2**20  # numbers in all layers together, for one input


class Activations:
    """Runs a checkpoint's `activations.onnx`. Thread-safe. Raises BadCheckpoint if the file is missing or unusable."""

    def __init__(self, checkpoint: Checkpoint):
        # Only when activations are first shown; most models have none.
        from models.engines.onnx import session

        if not checkpoint.has(FILE):
            raise BadCheckpoint(
                f"{checkpoint.path.name} has no {FILE}; only small convolutional nets have one, so choose one of those."
            )
        self._name = checkpoint.path.name
        self._session = session(checkpoint, FILE)
        got, expected = [value.name for value in self._session.get_inputs()], [a.name for a in checkpoint.config.inputs]
        if got != expected:
            raise BadCheckpoint(
                f"{self._name}/{FILE} has the inputs {got}, config.json lists {expected}"[:1_000] + f"; {FIX}"
            )

    def __call__(self, arrays: dict[str, np.ndarray]) -> list[np.ndarray]:
        """The activations of one processed input: float32 (channels, rows, columns) per layer, first to last."""
        try:
            outputs: list[Any] = self._session.run(None, {name: array[None] for name, array in arrays.items()})
        except Exception as error:  # ONNX Runtime's own exceptions have no common base class
            raise BadCheckpoint(
                f"{self._name}/{FILE} cannot be run: {str(error).splitlines()[0]:.200}; {FIX}"
            ) from error
        if not all(map(_is_feature_map, outputs)) or sum(output.size for output in outputs) > MAX_VALUES:
            raise BadCheckpoint(
                f"{self._name}/{FILE} returns outputs that are not feature maps, expected finite float32 arrays "
                f"of at most {MAX_VALUES:,} numbers; {FIX}"
            )
        return [output[0] for output in outputs]


def _is_feature_map(output: Any) -> bool:
    """Whether a graph's output is finite float32 (1, channels, rows, columns)."""
    is_float32 = isinstance(output, np.ndarray) and output.dtype == np.float32
    return is_float32 and output.ndim == 4 and output.size > 0 and bool(np.isfinite(output).all())
