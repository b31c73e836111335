"""Exports `activations.onnx`, a graph that returns the activations of each convolutional layer of a small net.

`zoo train` writes it for nets whose trunk is a ConvTrunk or a Sequential with convolutions of at most MAX_PARAMETERS
parameters. `python -m training activations ID...` adds it to an existing checkpoint and changes nothing else there
except the hashes in config.json.
"""

from pathlib import Path

import numpy as np
from torch import Tensor, nn

from models.activations import FILE
from models.checkpoint import Checkpoint
from models.engines.torch import build
from models.nets.classifier import Classifier
from models.nets.conv import ConvTrunk
from models.writing import attach
from training.export import metadata_of, to_onnx

MAX_PARAMETERS = 500_000  # of all convolutions


class Activations(nn.Module):
    """The convolutional stages of a net: x (N, C, H, W) -> the output of each, (N, channels, rows, columns)."""

    def __init__(self, stages: list[nn.Sequential]):
        super().__init__()
        self.stages = nn.ModuleList(stages)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the outputs: layer1, layer2, ..."""
        return tuple(f"layer{i}" for i in range(1, len(self.stages) + 1))

    def forward(self, *arrays: Tensor) -> tuple[Tensor, ...]:
        x, activations = arrays[0], []
        for stage in self.stages:
            x = stage(x)
            activations.append(x)
        return tuple(activations)


def activations_of(net: nn.Module) -> Activations | None:
    """The convolutions of a net, each with the modules up to its ReLU, and its blocks with what precedes them.

    None if it has none or they are too large.
    """
    if not isinstance(net, Classifier):
        return None  # photo trunks do not take the processor's arrays; text nets have no convolutions
    convolutions = net.trunk.convolutions if isinstance(net.trunk, ConvTrunk) else net.trunk
    if not isinstance(convolutions, nn.Sequential):
        return None
    stages, stage = [], []
    for module in _flat(convolutions):
        stage.append(module)
        if _is_block(module) or (isinstance(module, nn.ReLU) and any(map(_has_convolution, stage))):
            stages.append(nn.Sequential(*stage))
            stage = []
    layers = Activations(stages)
    return layers if stages and sum(p.numel() for p in layers.parameters()) <= MAX_PARAMETERS else None


def activations_onnx(net: nn.Module, inputs: dict[str, np.ndarray], metadata: dict[str, str]) -> bytes | None:
    """The content of `activations.onnx`; None for a net without such layers.

    inputs: processed examples, name -> (N, ...), N at least 64. metadata: stored in the graph.
    """
    layers = activations_of(net)
    return None if layers is None else to_onnx(layers, inputs, metadata)


def add_activations(folder: Path) -> bool:
    """Add `activations.onnx` to the checkpoint in `folder`; returns False if its net has no such layers."""
    checkpoint = Checkpoint.open(folder)
    net = build(checkpoint).net
    if activations_of(net) is None:
        return False
    golden = [item.arrays for item in checkpoint.golden.inputs]
    inputs = {
        array.name: np.stack([np.asarray(arrays[array.name], array.dtype) for arrays in golden])
        for array in checkpoint.config.inputs
    }
    inputs = {name: np.resize(array, (64, *array.shape[1:])) for name, array in inputs.items()}
    metadata = metadata_of(
        checkpoint.config.slug, checkpoint.processor.to_dict(), checkpoint.task.labels, checkpoint.config.license
    )
    attach(folder, FILE, activations_onnx(net, inputs, metadata))
    return True


def _has_convolution(module: nn.Module) -> bool:
    return any(isinstance(part, nn.Conv2d) for part in module.modules())


def _is_block(module: nn.Module) -> bool:
    """Whether it has convolutions inside, as a residual block has, and may end without a ReLU."""
    return _has_convolution(module) and not isinstance(module, nn.Conv2d)


def _flat(module: nn.Module) -> list[nn.Module]:
    """The modules of nested Sequentials, in order."""
    return [leaf for child in module for leaf in _flat(child)] if isinstance(module, nn.Sequential) else [module]
