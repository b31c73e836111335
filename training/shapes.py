"""Explains why a net cannot take its input: the layer that fails, the shape of its input, and what it expects."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd

from models.errors import ZooError

ERRORS = (RuntimeError, ValueError, IndexError, TypeError)
DIMENSIONS = {1: "L", 2: "H, W", 3: "D, H, W"}


class BadNet(ZooError):
    """A net that cannot take its input, or whose output is not what the training expects."""


@contextmanager
def explained(net: nn.Module, inputs: Mapping[str, torch.Tensor]) -> Iterator[None]:
    """A context in which `net` is called with `inputs`; an error that one of its layers raises becomes a BadNet."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise ZooError("The device is out of memory; try a smaller --batch.") from error
    except ERRORS as error:
        sentence = explanation(net, inputs)
        if sentence is None:
            raise
        raise BadNet(sentence) from error


def explanation(net: nn.Module, inputs: Mapping[str, torch.Tensor]) -> str | None:
    """What is wrong when `net` is called with `inputs`, in one sentence; None if it does not fail in a layer again."""
    entered: list[tuple[str, nn.Module, tuple[Any, ...]]] = []
    names = {module: name for name, module in net.named_modules()}
    handles = []
    for module in names:
        handles.append(module.register_forward_pre_hook(lambda m, args: entered.append((names[m], m, args))))
        handles.append(module.register_forward_hook(lambda *_: entered.pop() and None))
    try:
        with torch.no_grad():
            net(**inputs)
    except ERRORS as error:
        return _sentence(entered, error)
    finally:
        for handle in handles:
            handle.remove()
    return None


def check_output(output: Any, count: int, classes: int) -> None:
    """Raise BadNet unless `output` is (logits, features), with logits of `count` examples and at least `classes`."""
    is_pair = isinstance(output, tuple) and len(output) == 2 and all(isinstance(each, torch.Tensor) for each in output)
    if not is_pair:
        got = f"a tuple of {len(output)}" if isinstance(output, tuple) else f"a {type(output).__name__}"
        raise BadNet(f"The net returns {got}; return a tuple of logits (N, labels) and features (N, D).")
    logits = output[0]
    if logits.ndim != 2 or len(logits) != count or logits.shape[1] < classes:
        raise BadNet(f"The logits of the net have shape {_shape(logits)}; expected ({count}, {classes}).")


def _sentence(entered: list[tuple[str, nn.Module, tuple[Any, ...]]], error: Exception) -> str | None:
    """The sentence about the innermost layer that was entered and not left."""
    if not entered:
        return None
    name, module, arguments = entered[-1]
    tensors = [argument for argument in arguments if isinstance(argument, torch.Tensor)]
    reason = str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
    if not tensors:
        return f"The net fails in {_place(name, module)}: {reason}."
    wanted = expected(module, tensors[0])
    got = f"an input of shape {_shape(tensors[0])}"
    if tensors[0].dtype != torch.float32:
        got += f" and type {str(tensors[0].dtype).removeprefix('torch.')}"
    if wanted is None:
        return f"The net fails in {_place(name, module)}, with {got}: {reason}."
    return f"The layer {_place(name, module)} gets {got}, but expects {wanted}."


def expected(module: nn.Module, x: torch.Tensor) -> str | None:
    """What a layer expects of its input `x`, such as "(N, 400)"; None if `x` fits or the kind of layer is unknown."""
    if isinstance(module, nn.Linear):
        shape = f"(N, {module.in_features})" if x.ndim < 3 else f"(..., {module.in_features})"
        return None if x.ndim and x.shape[-1] == module.in_features else shape
    if isinstance(module, _ConvNd):
        return _expected_by_convolution(module, x)
    if isinstance(module, nn.RNNBase):
        shape = f"(N, T, {module.input_size})" if module.batch_first else f"(T, N, {module.input_size})"
        return None if x.ndim in (2, 3) and x.shape[-1] == module.input_size else shape
    if isinstance(module, _BatchNorm):
        sizes = {nn.BatchNorm1d: "", nn.BatchNorm2d: ", H, W", nn.BatchNorm3d: ", D, H, W"}.get(type(module), ", ...")
        if x.ndim < 2 or x.shape[1] != module.num_features or x.ndim != 2 + sizes.count(","):
            return f"(N, {module.num_features}{sizes})"
        is_single = module.training and x.numel() == module.num_features
        return "more than one value per channel in training" if is_single else None
    if isinstance(module, nn.LayerNorm):
        shape = tuple(module.normalized_shape)
        return None if tuple(x.shape[-len(shape) :]) == shape else f"(..., {', '.join(map(str, shape))})"
    if isinstance(module, nn.Embedding | nn.EmbeddingBag):
        fits = not x.is_floating_point() and x.numel() and x.min() >= 0 and x.max() < module.num_embeddings
        return None if fits else f"whole numbers from 0 to {module.num_embeddings - 1}"
    return None


def _expected_by_convolution(module: _ConvNd, x: torch.Tensor) -> str | None:
    """What a convolution expects: its channels, and sizes that, with the padding, are not smaller than its kernel."""
    dimensions = DIMENSIONS[len(module.kernel_size)]
    shape = f"(N, {module.in_channels}, {dimensions})"
    if x.ndim != len(module.kernel_size) + 2 or x.shape[1] != module.in_channels:
        return shape
    if module.transposed or module.padding == "same":
        return None
    padding = (0,) * len(module.kernel_size) if module.padding == "valid" else module.padding
    extents = (dilation * (size - 1) + 1 for size, dilation in zip(module.kernel_size, module.dilation, strict=True))
    least = [max(1, extent - 2 * each) for extent, each in zip(extents, padding, strict=True)]
    if all(size >= smallest for size, smallest in zip(x.shape[2:], least, strict=True)):
        return None
    limits = [f"{name} at least {size}" for name, size in zip(dimensions.split(", "), least, strict=True)]
    return f"{shape} with {' and '.join(limits)}"


def _place(name: str, module: nn.Module) -> str:
    kind = type(module).__name__
    return f"{name} ({kind})" if name else kind


def _shape(tensor: torch.Tensor) -> str:
    return f"({', '.join(map(str, tensor.shape))}{',' if tensor.ndim == 1 else ''})"
