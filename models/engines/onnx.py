"""ONNX Runtime on the CPU: the engine that needs no torch."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from models.checkpoint import FIX, Checkpoint
from models.engines import graph
from models.errors import BadCheckpoint

ARENA = 2 * 2**30  # bytes available to the graphs of all models from the Hub together
AT_ONCE = (
    2**17
)  # numbers of inputs; on one thread larger batches are no faster, and 8 photos would take 300 MB for good
TYPES = {"tensor(float)": "float32", "tensor(int64)": "int64", "tensor(uint8)": "uint8"}


class OnnxEngine:
    """Runs a checkpoint's `model.onnx`; safe to call from many threads.

    One thread per call, because the nets are small and calls are many.
    """

    name = "onnx"
    device = "cpu"

    def __init__(self, checkpoint: Checkpoint):
        name = checkpoint.path.name
        self._session = session(checkpoint, "model.onnx")
        config = checkpoint.config
        for side, declared, expected in (
            ("inputs", self._session.get_inputs(), config.inputs),
            ("outputs", self._session.get_outputs(), config.outputs),
        ):
            actual = [(value.name, TYPES.get(value.type, value.type), _sizes(value.shape)) for value in declared]
            configured = [(array.name, array.dtype, _sizes(array.shape)) for array in expected]
            if actual != configured:
                raise BadCheckpoint(
                    f"{name}/model.onnx has the {side} {actual}; config.json says {configured}."[:1_000]
                )
        self._name = name
        self._outputs = [array.name for array in config.outputs]
        if not {"logits", "familiarity"} <= set(self._outputs):
            raise BadCheckpoint(f"{name}/model.onnx returns {self._outputs}; expected logits and familiarity.")

    def run(self, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Run a batch: `{"logits": (N, L), "familiarity": (N,), ...}`, float32.

        Photo nets also give `evidence`.
        """
        count = max(map(len, arrays.values()))
        step = max(1, count * AT_ONCE // max(1, sum(array.size for array in arrays.values())))
        try:
            parts = [
                self._session.run(None, {name: array[start : start + step] for name, array in arrays.items()})
                for start in range(0, max(1, count), step)
            ]
        except Exception as error:  # as in `session`
            raise BadCheckpoint(f"{self._name}/model.onnx cannot be run: {str(error).splitlines()[0]:.200}") from error
        values = parts[0] if len(parts) == 1 else map(np.concatenate, zip(*parts, strict=True))
        return dict(zip(self._outputs, values, strict=True))


def session(
    checkpoint: Checkpoint,
    file: str,
    replaceable: Mapping[str, np.ndarray] | None = None,
    more_outputs: Sequence[str] = (),
) -> Any:
    """An onnxruntime.InferenceSession of one of the checkpoint's graphs, checked first. Raises BadCheckpoint.

    replaceable: weights of the graph, by name, that may be given with the inputs of a run. more_outputs: the names of
    values within the graph that a run may ask for.
    """
    data = checkpoint.read(file)
    graph.check(data, checkpoint.config, checkpoint.path.name, file)
    if replaceable:
        if missing := replaceable.keys() - graph.initializers(data):
            raise BadCheckpoint(f"{checkpoint.path.name}/{file} has no weights {min(missing)!r:.80}; {FIX}")
        data = graph.with_inputs(data, replaceable)
    if more_outputs:
        data = graph.with_outputs(data, more_outputs)
    if checkpoint.untrusted:
        _arena()
    try:
        return open_graph(data, shared_memory=checkpoint.untrusted)
    except Exception as error:  # ONNX Runtime's own exceptions have no common base class
        reason = str(error).splitlines()[0]
        raise BadCheckpoint(f"{checkpoint.path.name}/{file} cannot be loaded: {reason:.200}") from error


def open_graph(data: bytes, shared_memory: bool = False) -> Any:
    """An onnxruntime.InferenceSession of an unchecked graph, on one CPU thread. Raises ONNX Runtime's own errors.

    shared_memory: use the allocator shared by all sessions of the process.
    """
    # ONNX Runtime is loaded when a model is, not to list models.
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    if shared_memory:
        options.add_session_config_entry("session.use_env_allocators", "1")
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def only_wanted_outputs() -> Any:
    """Options of a run that computes nothing but the outputs asked for."""
    import onnxruntime  # loaded by now

    options = onnxruntime.RunOptions()
    options.only_execute_path_to_fetches = True
    return options


@cache
def _arena() -> None:
    """Register an allocator with limited memory for graphs from the Hub: even a small one can allocate any amount."""
    # Loaded by now, as above.
    import onnxruntime as ort

    info = ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
    as_requested = 1  # grow by the requested size, not by powers of two
    settings = {"max_mem": ARENA, "arena_extend_strategy": as_requested}
    ort.create_and_register_allocator(
        info, ort.OrtArenaCfg({"initial_chunk_size_bytes": -1, "max_dead_bytes_per_chunk": -1, **settings})
    )


def _sizes(shape: Sequence[int | str | None]) -> tuple[int | None, ...]:
    """A shape with None for free axes, whatever their names."""
    return tuple(size if isinstance(size, int) else None for size in shape)
