"""Stores large weights in float16.

Tensors with at least LARGE elements are rounded to float16 before the export. Both weight files store the rounded
values in half the space, and every engine computes with them in float32.
"""

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

LARGE = 2**14  # elements of a tensor
LIMIT = 60_000.0  # the maximum of float16 is 65,504; tensors with larger values stay float32


@torch.no_grad()
def round_large(served: nn.Module) -> None:
    """Round the large tensors of `served` in place to float16 values; they stay float32 in torch."""
    for tensor in served.state_dict().values():
        if tensor.dtype == torch.float32 and _is_large(tensor.numel(), float(tensor.abs().max())):
            tensor.copy_(tensor.half().float())


def tensors_of(served: nn.Module) -> dict[str, np.ndarray]:
    """The weights by name, as stored in `model.safetensors`: large ones in float16."""
    tensors = {name: tensor.detach().cpu().numpy() for name, tensor in served.state_dict().items()}
    return {name: array.astype(np.float16) if fits(array) else array for name, array in tensors.items()}


def halve(graph: onnx.ModelProto) -> None:
    """Store the large initializers of `graph` in float16, each followed by a Cast to float32; values do not change."""
    casts = []
    for tensor in graph.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT:
            continue
        array = numpy_helper.to_array(tensor)
        if fits(array):
            name = tensor.name
            tensor.CopyFrom(numpy_helper.from_array(array.astype(np.float16), f"{name}.half"))
            casts.append(helper.make_node("Cast", [f"{name}.half"], [name], f"{name}.cast", to=TensorProto.FLOAT))
    nodes = [*casts, *graph.graph.node]
    del graph.graph.node[:]
    graph.graph.node.extend(nodes)


def fits(array: np.ndarray) -> bool:
    """Whether an array is large and all its values are exact in float16."""
    if array.dtype != np.float32 or not _is_large(array.size, float(np.abs(array).max(initial=0))):
        return False
    return bool((array.astype(np.float16).astype(np.float32) == array).all())


def _is_large(size: int, largest: float) -> bool:
    return size >= LARGE and largest < LIMIT
