"""What each layer of a small convolutional net makes of an input.

The graph in `activations.onnx`, beside the one that answers.
"""

from typing import Any

import numpy as np

from models.checkpoint import Checkpoint
from models.errors import BadCheckpoint

FILE = "activations.onnx"
MAX_VALUES = 2**20  # numbers that the layers of one input may have together


class Activations:
    """Runs a checkpoint's `activations.onnx`; safe to call from many threads.

    Raises BadCheckpoint where it has none, or one that cannot be used.
    """

    def __init__(self, checkpoint: Checkpoint):
        # Only when activations are first shown; most models have none.
        from models.engines.onnx import session

        if not checkpoint.has(FILE):
            raise BadCheckpoint(f"{checkpoint.path.name} has no {FILE}; only small convolutional nets have one.")
        self._name = checkpoint.path.name
        self._session = session(checkpoint, FILE)
        got, expected = [value.name for value in self._session.get_inputs()], [a.name for a in checkpoint.config.inputs]
        if got != expected:
            raise BadCheckpoint(f"{self._name}/{FILE} takes {got}; config.json says {expected}."[:1_000])

    def __call__(self, arrays: dict[str, np.ndarray]) -> list[np.ndarray]:
        """The activations of one processed input: per layer, the first one first, a float32 (channels, rows, columns)."""
        try:
            given: list[Any] = self._session.run(None, {name: array[None] for name, array in arrays.items()})
        except Exception as error:  # ONNX Runtime's own exceptions have no common base class
            raise BadCheckpoint(f"{self._name}/{FILE} cannot be run: {str(error).splitlines()[0]:.200}") from error
        maps = [
            one[0]
            for one in given
            if isinstance(one, np.ndarray) and one.ndim == 4 and one.size and one.dtype == np.float32
        ]
        if (
            len(maps) < len(given)
            or sum(one.size for one in maps) > MAX_VALUES
            or not all(np.isfinite(m).all() for m in maps)
        ):
            raise BadCheckpoint(f"{self._name}/{FILE} gives what are no layers of pictures; train or pull it again.")
        return maps
