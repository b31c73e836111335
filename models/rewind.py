"""Rewinding a model: its answers to one input at moments of its training, from `snapshots.safetensors`.

The checkpoint's own graph is run once per moment with the weights of that moment. ONNX Runtime lets a caller override
an initializer that is also listed among the inputs of the graph, so the weights of the net are added to that list; one
session serves all moments.
"""

from dataclasses import dataclass

import numpy as np

from models.checkpoint import Checkpoint
from models.engines.onnx import only_wanted_outputs, session
from models.errors import BadCheckpoint
from models.evidence import Evidence


@dataclass(frozen=True, eq=False)
class Rewound:
    """The answers of one model to one input at moments of its training, the trained model last.

    moments: their names. labels: all labels, in the order of `probabilities`, float64 (moments, labels).
    evidence: for each moment, if it was requested.

    The temperature is that of the trained model. Whether the net would have abstained earlier is not known, because
    familiarity is fitted after training.
    """

    moments: tuple[str, ...]
    labels: tuple[str, ...]
    probabilities: np.ndarray
    evidence: tuple[Evidence, ...] = ()


class Moments:
    """Runs a checkpoint's graph with the weights of each moment. Thread-safe. Raises BadCheckpoint."""

    def __init__(self, checkpoint: Checkpoint):
        saved = checkpoint.snapshots
        trained = {name: tensor for name, tensor in checkpoint.tensors().items() if name in saved.weights}
        self.names = saved.names
        self._name = checkpoint.path.name
        # Large weights are stored in float16 under another name; see `training/float16.py`.
        stored = {name: f"{name}.half" if array.dtype == np.float16 else name for name, array in trained.items()}
        rows = [{name: array[i] for name, array in saved.weights.items()} for i in range(len(saved.steps) - 1)]
        self._weights = [
            {stored[name]: np.ascontiguousarray(array, trained[name].dtype) for name, array in weights.items()}
            for weights in (*rows, trained)
        ]
        self._session = session(checkpoint, "model.onnx", replaceable=self._weights[-1])

    def run(self, arrays: dict[str, np.ndarray], outputs: list[str]) -> list[list[np.ndarray]]:
        """The outputs by name for a processed batch, for each moment."""
        options = only_wanted_outputs()  # not familiarity, which takes longer than a small net
        try:
            return [self._session.run(outputs, arrays | weights, options) for weights in self._weights]
        except Exception as error:  # ONNX Runtime's own exceptions have no common base class
            raise BadCheckpoint(f"{self._name}/model.onnx cannot be run: {str(error).splitlines()[0]:.200}") from error
