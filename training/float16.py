"""Half precision for what is large.

Tables and matrices of LARGE numbers or more are rounded to float16 before the export.

Both weight files then hold the rounded numbers in half the room, and every engine computes in float32 with the same
values.
"""

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

LARGE = 2**14  # numbers in a tensor
LIMIT = 60_000.0  # float16 reaches 65,504; a tensor with larger numbers stays as it is


@torch.no_grad()
def round_large(served: nn.Module) -> None:
    """Round the large tensors of `served` in place to what float16 can hold; they stay float32 in torch."""
    for tensor in served.state_dict().values():
        if tensor.dtype == torch.float32 and _is_large(tensor.numel(), float(tensor.abs().max())):
            tensor.copy_(tensor.half().float())


def tensors_of(served: nn.Module) -> dict[str, np.ndarray]:
    """The weights by name, as `model.safetensors` holds them: the large ones in float16."""
    tensors = {name: tensor.detach().cpu().numpy() for name, tensor in served.state_dict().items()}
    return {name: array.astype(np.float16) if fits(array) else array for name, array in tensors.items()}


def halve(graph: onnx.ModelProto) -> None:
    """Keep the large initializers of `graph` in float16, each with a Cast to float32 behind it.

    The values are the same.
    """
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
    """Whether an array is large and float16 holds its numbers exactly."""
    if array.dtype != np.float32 or not _is_large(array.size, float(np.abs(array).max(initial=0))):
        return False
    return bool((array.astype(np.float16).astype(np.float32) == array).all())


def _is_large(size: int, largest: float) -> bool:
    return size >= LARGE and largest < LIMIT
