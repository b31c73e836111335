"""ONNX Runtime on the CPU: the engine that needs no torch."""

import numpy as np

from models.checkpoint import Checkpoint
from models.errors import BadCheckpoint


class OnnxEngine:
    """Runs a checkpoint's `model.onnx`; safe to call from many threads. One thread a call: the nets are small, callers many."""

    name = "onnx"
    device = "cpu"

    def __init__(self, checkpoint: Checkpoint):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        name = checkpoint.path.name
        try:
            self._session = onnxruntime.InferenceSession(
                checkpoint.read("model.onnx"), options, providers=["CPUExecutionProvider"]
            )
        except BadCheckpoint:
            raise
        except Exception as error:  # ONNX Runtime's own exceptions have no common base class
            raise BadCheckpoint(f"{name}/model.onnx cannot be loaded: {str(error).splitlines()[0]:.200}") from error
        got = (
            [value.name for value in self._session.get_inputs()],
            [value.name for value in self._session.get_outputs()],
        )
        expected = (
            [array.name for array in checkpoint.config.inputs],
            [array.name for array in checkpoint.config.outputs],
        )
        if got != expected:
            raise BadCheckpoint(
                f"{name}/model.onnx has inputs {got[0]} and outputs {got[1]}; config.json says {expected[0]} and {expected[1]}."
            )
        self._outputs = expected[1]

    def run(self, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """A batch through the net: `{"logits": (N, L), "familiarity": (N,), ...}`, float32."""
        return dict(zip(self._outputs, self._session.run(None, arrays), strict=True))
