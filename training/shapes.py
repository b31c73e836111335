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
        raise ZooError("The memory of the device is full; try a smaller --batch.") from error
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
    """What a layer expects of its input `x`, such as "(N, 400)"; None for a layer of an unknown kind."""
    if isinstance(module, nn.Linear):
        return f"(N, {module.in_features})" if x.ndim < 3 else f"(..., {module.in_features})"
    if isinstance(module, _ConvNd):
        sizes = DIMENSIONS.get(len(module.kernel_size), "...")
        shape = f"(N, {module.in_channels}, {sizes})"
        kernel = " x ".join(map(str, module.kernel_size))
        fits = x.ndim == len(module.kernel_size) + 2 and x.shape[1] == module.in_channels
        return f"at least {kernel} pixels, the size of its kernel" if fits else shape
    if isinstance(module, nn.RNNBase):
        return f"(N, T, {module.input_size})" if module.batch_first else f"(T, N, {module.input_size})"
    if isinstance(module, _BatchNorm):
        sizes = {nn.BatchNorm1d: "", nn.BatchNorm2d: ", H, W", nn.BatchNorm3d: ", D, H, W"}.get(type(module), ", ...")
        fits = x.ndim > 1 and x.shape[1] == module.num_features and x.ndim == 2 + sizes.count(",")
        return "more than one value per channel in training" if fits else f"(N, {module.num_features}{sizes})"
    if isinstance(module, nn.LayerNorm):
        return f"(..., {', '.join(map(str, module.normalized_shape))})"
    if isinstance(module, nn.Embedding | nn.EmbeddingBag):
        return f"whole numbers from 0 to {module.num_embeddings - 1}"
    return None


def _place(name: str, module: nn.Module) -> str:
    kind = type(module).__name__
    return f"{name} ({kind})" if name else kind


def _shape(tensor: torch.Tensor) -> str:
    return f"({', '.join(map(str, tensor.shape))}{',' if tensor.ndim == 1 else ''})"
