"""`activations.onnx`: which nets have it, that it agrees with torch, and that adding it changes nothing else."""

import json
import shutil

import numpy as np
import pytest
import torch
from torch import nn

import models
from models import catalog
from models.activations import Activations
from models.checkpoint import Checkpoint
from models.engines.torch import build
from models.errors import BadCheckpoint
from models.nets.blocks import Dense, Inception, PreActivation, Residual
from models.nets.classifier import Classifier
from models.paths import SHIPPED
from models.writing import attach
from training.activations import activations_of, add_activations

BLOCKS = (Residual, PreActivation, Inception, Dense)
SMALL = [model for model in catalog.models() if model.origin == "shipped" and "activations.onnx" in model.config.files]


def test_small_convolutional_nets_have_activations_and_others_have_none():
    for model in catalog.models():
        if model.origin == "shipped":
            assert (activations_of(build(Checkpoint.open(model.path)).net) is not None) is (
                "activations.onnx" in model.config.files
            )
    assert {"mnist-cnn", "mnist-conv"} <= {model.id for model in SMALL}
    large = nn.Sequential(nn.Conv2d(300, 300, 3), nn.ReLU(), nn.Flatten())
    assert activations_of(Classifier(large, nn.Linear(1, 2))) is None
    assert activations_of(nn.Linear(2, 2)) is None


def test_each_block_is_a_layer():
    trunk = nn.Sequential(
        nn.Sequential(nn.Conv2d(1, 4, 5), nn.BatchNorm2d(4), nn.ReLU()),
        Residual(4),
        PreActivation(4, 8, stride=2),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        Dense(8, layers=2, growth=3),
        Inception(14),
        nn.Flatten(),
    )
    layers = activations_of(Classifier(trunk, nn.Linear(1, 2))).eval()
    shapes = [tuple(each.shape[1:]) for each in layers(torch.zeros(1, 1, 28, 28))]
    assert shapes == [(4, 24, 24), (4, 24, 24), (8, 12, 12), (14, 12, 12), (88, 12, 12)]


@pytest.mark.parametrize("model", SMALL, ids=lambda model: model.id)
def test_activations_match_the_net(model):
    predictor = models.load(model.id, engine="onnx")
    raw = model.task.examples[1].raw
    activations = predictor.activations(raw)
    net = build(predictor.checkpoint).net.eval()
    expected = []
    for module in net.modules():
        if isinstance(module, (nn.ReLU, *BLOCKS)):
            module.register_forward_hook(lambda _module, _inputs, out: expected.append(out[0].numpy()))
    with torch.no_grad():
        net(torch.from_numpy(predictor.processor.process(predictor.read(raw))["x"][None]))
    maps = [each for each in expected if each.ndim == 3]  # not those of linear layers
    places = [
        next(i for i, each in enumerate(maps) if each.shape == shown.shape and np.allclose(shown, each, atol=1e-3))
        for shown in activations
    ]
    has_blocks = any(isinstance(module, BLOCKS) for module in net.modules())  # a layer each, with ReLUs inside
    assert len(places) > 1 and (places == sorted(set(places)) if has_blocks else places == list(range(len(maps))))


def test_adding_activations_changes_only_the_hashes(tmp_path):
    shipped, folder = SHIPPED / "mnist-cnn", tmp_path / "mnist-cnn"
    shutil.copytree(shipped, folder)
    config = json.loads((folder / "config.json").read_text())
    del config["files"]["activations.onnx"]
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    (folder / "activations.onnx").unlink()
    with pytest.raises(BadCheckpoint, match="only small convolutional nets"):
        Activations(Checkpoint.open(folder))
    assert add_activations(folder)
    for file in shipped.iterdir():
        again = (folder / file.name).read_bytes()
        if file.name == "config.json":  # in which the hash of the added file comes last
            assert json.loads(again) == json.loads(file.read_bytes())
        else:
            assert again == file.read_bytes() or file.name == "activations.onnx"
    Checkpoint.open(folder).check()


def test_a_checkpoint_without_activations_is_unchanged(tmp_path):
    shutil.copytree(SHIPPED / "mnist-mlp", tmp_path / "mlp")
    before = (tmp_path / "mlp" / "config.json").read_bytes()
    assert not add_activations(tmp_path / "mlp")
    assert (tmp_path / "mlp" / "config.json").read_bytes() == before


def test_a_graph_with_other_outputs_is_refused(tmp_path):
    folder = tmp_path / "odd"
    shutil.copytree(SHIPPED / "mnist-cnn", folder)
    data = (folder / "model.onnx").read_bytes()  # outputs logits, not feature maps
    attach(folder, "activations.onnx", data)
    predictor = models.load(folder)
    with pytest.raises(BadCheckpoint, match="not feature maps"):
        predictor.activations(predictor.task.examples[0].raw)
