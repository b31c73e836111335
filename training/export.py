"""Exports a trained net as `model.onnx`, and checks the graph against torch at several batch sizes.

The batch size is free, and for texts (inputs with `lengths`) also the length. Large weights are stored in float16.
"""

import contextlib
import io
import itertools
import json
import logging
import os
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from torch.export import Dim

from models.engines.onnx import open_graph
from models.errors import ZooError
from models.nets.familiarity import Served
from training.float16 import halve, round_large

TOLERANCE = 1e-3  # absolute, for the outputs; typical differences are about 1e-5
SIZES = (1, 2, 7, 64)  # batch sizes at which parity is checked
LENGTHS = (1, 2, 13, 100)  # lengths of texts at which it is checked, with every batch size
MAX_SIZES = {"batch": 1024, "length": 1024}


def to_onnx(served: Served, inputs: dict[str, np.ndarray], metadata: dict[str, str]) -> bytes:
    """Export `served` as a self-contained ONNX file for any batch size and length up to MAX_SIZES.

    served: its large weights are rounded to float16 in place. inputs: at least 64 processed examples, name -> (N, ...),
    in the order of the net's arguments. metadata: stored in the file. Raises ZooError if ONNX Runtime and torch
    disagree.
    """
    served = served.to("cpu", memory_format=torch.contiguous_format).eval()
    round_large(served)
    sample = tuple(torch.from_numpy(np.ascontiguousarray(array[:2])) for array in inputs.values())
    free = {name: Dim(name, min=1, max=most) for name, most in MAX_SIZES.items()}
    shapes = tuple({i: free[name] for i, name in enumerate(axis) if name in free} for axis in axes(inputs))
    # Otherwise, a second export in the same process reuses the dispatch of the GRU cached after the first, outside the
    # exporter, which unrolls it over a fixed length.
    torch.ops.aten.gru.input._dispatch_cache.clear()
    with tempfile.TemporaryDirectory() as folder, _quiet():
        path = Path(folder) / "model.onnx"
        program = torch.onnx.export(
            served,
            sample,
            dynamo=True,
            optimize=not _has_batch_norm(served),
            input_names=list(inputs),
            output_names=list(served.outputs),
            dynamic_shapes={"arrays": shapes},
            external_data=False,
        )
        program.save(path, external_data=False)
        graph = onnx.load(path)
    del graph.metadata_props[:]
    onnx.helper.set_model_props(graph, metadata)
    _strip_metadata(graph)
    halve(graph)
    data = graph.SerializeToString()
    check_parity(served, data, inputs)
    return data


@torch.no_grad()
def check_parity(served: Served, data: bytes, inputs: dict[str, np.ndarray]) -> float:
    """The largest difference between torch and ONNX Runtime over SIZES and LENGTHS.

    inputs: processed examples, name -> (N, ...). Raises ZooError if shapes differ or it exceeds TOLERANCE.
    """
    session = open_graph(data)
    largest = 0.0
    for size, length in itertools.product(SIZES, LENGTHS if "lengths" in inputs else (0,)):
        arrays = _of_size(inputs, size, length)
        expected = [out.numpy() for out in served(*(torch.from_numpy(array) for array in arrays.values()))]
        for name, actual, wanted in zip(served.outputs, session.run(None, arrays), expected, strict=True):
            if actual.shape != wanted.shape:
                raise ZooError(
                    f"The exported net returns {name} of shape {actual.shape}, torch {wanted.shape}; it was not saved."
                )
            largest = max(largest, float(np.abs(actual - wanted).max()))
    if not largest <= TOLERANCE:
        raise ZooError(
            f"The exported net differs from torch by {largest:.2g}, more than {TOLERANCE}; it was not saved. "
            "If its weights are large, a lower --lr helps."
        )
    return largest


@torch.no_grad()
def shapes_of(served: Served, inputs: dict[str, np.ndarray]) -> dict[str, tuple[int | str, ...]]:
    """The shape of each output by name: ("batch", 10) for the logits of ten labels."""
    outputs = served(*(torch.from_numpy(np.ascontiguousarray(array[:2])) for array in inputs.values()))
    return {name: ("batch", *array.shape[1:]) for name, array in zip(served.outputs, outputs, strict=True)}


def axes(inputs: dict[str, np.ndarray]) -> tuple[tuple[int | str, ...], ...]:
    """The shape of each input with names for free axes: ("batch", 1, 28, 28) for ink, ("batch", "length") for texts."""
    full = inputs["x"].shape[1] if "lengths" in inputs else -1
    return tuple(
        tuple(
            "batch" if i == 0 else "length" if i == 1 and size == full else size for i, size in enumerate(array.shape)
        )
        for array in inputs.values()
    )


def _of_size(inputs: dict[str, np.ndarray], size: int, length: int) -> dict[str, np.ndarray]:
    """A batch of `size` made by repeating the inputs; texts get up to `length` tokens, the first exactly as many."""
    arrays = {}
    for (name, array), axis in zip(inputs.items(), axes(inputs), strict=True):
        shape = [{"batch": size, "length": length}.get(axis_size, axis_size) for axis_size in axis]
        arrays[name] = np.resize(array, shape)
        if name == "lengths":
            arrays[name] = np.minimum(np.r_[length, arrays[name][1:]], length)
    return arrays


def metadata_of(slug: str, processor: dict, labels: tuple[str, ...], licence: str) -> dict[str, str]:
    """The metadata stored in the graph."""
    return {"slug": slug, "processor": json.dumps(processor), "labels": json.dumps(labels), "license": licence}


def _has_batch_norm(served: Served) -> bool:
    """Whether the net has batch norms, which the exporter's optimizer would fold into convolutions.

    The folded weights would no longer be representable in float16. ONNX Runtime folds them when it loads the graph.
    """
    return any(isinstance(module, torch.nn.modules.batchnorm._BatchNorm) for module in served.modules())


def _strip_metadata(graph: onnx.ModelProto) -> None:
    """Remove the exporter's notes: stack traces with local paths, several times as large as the weights."""
    graph.doc_string = ""
    for node in graph.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*graph.graph.value_info, *graph.graph.input, *graph.graph.output, *graph.graph.initializer):
        del value.metadata_props[:]
        value.doc_string = ""
    del graph.graph.metadata_props[:]


@contextlib.contextmanager
def _quiet():
    """Silence the exporter's progress messages and deprecation warnings; errors are still raised."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), open(os.devnull, "w") as nowhere:
            warnings.simplefilter("ignore")
            with contextlib.redirect_stderr(nowhere):
                yield
    finally:
        logging.disable(level)
