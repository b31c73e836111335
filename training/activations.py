"""`activations.onnx`: the convolutions of a small net as a graph whose outputs are each layer's activations.

A net whose trunk is a Sequential of convolutions, or has one called `convolutions`, gets it from `zoo train` as long as
they are small (LARGEST). `python -m training activations SLUG...` adds it to a checkpoint that is there already, and
changes nothing else in it but the list of hashes in config.json.
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

LARGEST = 500_000  # numbers in the convolutions


class Activations(nn.Module):
    """x: (N, C, H, W) -> for each stage what it gives, (N, channels, rows, columns); `outputs` names them."""

    def __init__(self, stages: list[nn.Sequential]):
        super().__init__()
        self.stages = nn.ModuleList(stages)

    @property
    def outputs(self) -> tuple[str, ...]:
        """layer1, layer2, ..."""
        return tuple(f"layer{i}" for i in range(1, len(self.stages) + 1))

    def forward(self, *arrays: Tensor) -> tuple[Tensor, ...]:
        x, given = arrays[0], []
        for stage in self.stages:
            x = stage(x)
            given.append(x)
        return tuple(given)


def activations_of(net: nn.Module) -> Activations | None:
    """The net's convolutions, each with what follows it up to its activation; None where it has none, or large ones."""
    if not isinstance(net, Classifier):
        return None  # photos: the trunk's inputs are not the processor's arrays; texts: there are no convolutions
    convolutions = net.trunk.convolutions if isinstance(net.trunk, ConvTrunk) else net.trunk
    if not isinstance(convolutions, nn.Sequential):
        return None
    stages, stage = [], []
    for module in _flat(convolutions):
        stage.append(module)
        if isinstance(module, nn.ReLU) and any(isinstance(one, nn.Conv2d) for one in stage):
            stages.append(nn.Sequential(*stage))
            stage = []
    layers = Activations(stages)
    return layers if stages and sum(p.numel() for p in layers.parameters()) <= LARGEST else None


def activations_onnx(net: nn.Module, inputs: dict[str, np.ndarray], metadata: dict[str, str]) -> bytes | None:
    """The file's content; None for a net that has no layers to show.

    inputs: some processed examples, name -> (N, ...).
    """
    layers = activations_of(net)
    return None if layers is None else to_onnx(layers, inputs, metadata)


def add_activations(folder: Path) -> bool:
    """Write `activations.onnx` into the checkpoint in `folder`, made from its own weights.

    False where its net has no layers to show.
    """
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


def _flat(module: nn.Module) -> list[nn.Module]:
    """The modules of nested Sequentials, in their order."""
    return [leaf for child in module for leaf in _flat(child)] if isinstance(module, nn.Sequential) else [module]
