"""The map of a model's features: test examples and inputs as points in a plane (`map.safetensors`).

The features are what the net computes before its last layer; for a linear net, its input. The plane is that of their
two principal components.

    mean         float32 (D,): of the features of the examples
    components   float32 (2, D): the principal components, of length 1
    explained    float32 (2,): the share of the variance that each component explains
    points       float32 (N, 2): the examples of the first test set in the plane; their inputs are not stored
    labels       int64 (N,): true labels, as indices of the labels
    predicted    int64 (N,): the model's answers
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.checkpoint import FIX, MAP, Checkpoint
from models.engines import graph
from models.engines.onnx import only_wanted_outputs, session
from models.errors import BadCheckpoint, ZooError

HEAD = "net.head.weight"  # the weights of the last layer
MOST = 2_000  # points
DTYPES = {
    "mean": np.float32,
    "components": np.float32,
    "explained": np.float32,
    "points": np.float32,
    "labels": np.int64,
    "predicted": np.int64,
}


@dataclass(frozen=True, eq=False)
class FeatureMap:
    """The arrays of the file; see above."""

    mean: np.ndarray
    components: np.ndarray
    explained: np.ndarray
    points: np.ndarray
    labels: np.ndarray
    predicted: np.ndarray

    def place(self, features: np.ndarray) -> np.ndarray:
        """Features (N, D) as points in the plane, (N, 2)."""
        return (features - self.mean) @ self.components.T

    def to_bytes(self) -> bytes:
        """The content of the file."""
        from safetensors.numpy import save  # only needed for writing

        return save({name: np.ascontiguousarray(getattr(self, name), dtype) for name, dtype in DTYPES.items()})


class Features:
    """Runs a checkpoint's graph up to the input of its last layer. Thread-safe. Raises ZooError if it has no such."""

    def __init__(self, checkpoint: Checkpoint):
        name = graph.input_beside(checkpoint.read("model.onnx"), HEAD)
        if name is None:
            raise ZooError(f"{checkpoint.config.slug} has no last layer with features.")
        self._name = checkpoint.path.name
        self._output = name
        self._session = session(checkpoint, "model.onnx", more_outputs=(name,))

    def __call__(self, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
        """The features of a processed batch, float32 (N, D)."""
        try:
            (features,) = self._session.run([self._output], dict(arrays), only_wanted_outputs())
        except Exception as error:  # ONNX Runtime's own exceptions have no common base class
            raise BadCheckpoint(f"{self._name}/model.onnx cannot be run: {str(error).splitlines()[0]:.200}") from error
        count = len(next(iter(arrays.values())))
        if features.dtype != np.float32 or features.ndim != 2 or len(features) != count:
            raise BadCheckpoint(f"{self._name}/model.onnx has no features before its last layer; {FIX}")
        return features


def read(checkpoint: Checkpoint) -> FeatureMap:
    """The map of a checkpoint, checked. Raises BadCheckpoint if there is none or it is damaged."""
    # Only when a map is shown.
    from safetensors import SafetensorError
    from safetensors.numpy import load

    name = f"{checkpoint.path.name}/{MAP}"
    if not checkpoint.has(MAP):
        raise BadCheckpoint(f"There is no {name}; choose a model whose page shows a map.")
    try:
        arrays = load(checkpoint.read(MAP))
    except (SafetensorError, ValueError, TypeError, KeyError) as error:
        raise BadCheckpoint(f"{name} cannot be read: {error}; {FIX}") from error
    if arrays.keys() != DTYPES.keys() or any(arrays[each].dtype != dtype for each, dtype in DTYPES.items()):
        raise BadCheckpoint(f"{name} must contain {', '.join(DTYPES)}; {FIX}")
    found = FeatureMap(**arrays)
    count, size = len(found.points), found.mean.size
    shapes = ((size,), (2, size), (2,), (count, 2), (count,), (count,))
    if any(arrays[each].shape != shape for each, shape in zip(DTYPES, shapes, strict=True)) or not 0 < count <= MOST:
        raise BadCheckpoint(f"{name} has arrays that do not fit together; {FIX}")
    indices = np.concatenate([found.labels, found.predicted])
    are_labels = indices.min() >= 0 and indices.max() < len(checkpoint.task.labels)
    if not are_labels or not all(np.isfinite(array).all() for array in arrays.values()):
        raise BadCheckpoint(f"{name} has NaN, infinity or an unknown label; {FIX}")
    return found
