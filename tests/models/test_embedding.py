"""The map of features: what the graph computes before the last layer, and the checks of the file."""

import shutil

import numpy as np
import pytest
from safetensors.numpy import load, save

import models
from models import catalog, embedding
from models.checkpoint import MAP, Checkpoint
from models.errors import BadCheckpoint, ZooError
from models.paths import SHIPPED
from models.writing import attach

WITH = [model for model in catalog.models() if model.origin == "shipped" and MAP in model.config.files]


def test_models_of_several_tasks_have_a_map():
    assert {"mnist-cnn", "mnist-softmax", "net-37", "letters-best"} <= {model.id for model in WITH}


@pytest.mark.parametrize("model", WITH, ids=lambda model: model.id)
def test_an_input_lies_among_the_examples(model):
    predictor = models.load(model.id, engine="onnx")
    found = predictor.feature_map
    assert np.abs(found.components @ found.components.T - np.eye(2)).max() < 1e-3
    assert 0 < found.explained[1] <= found.explained[0] < 1
    assert (found.labels == found.predicted).mean() > 0.8 and set(found.labels) == set(range(len(model.task.labels)))
    size = np.abs(found.points).max()
    for example in model.task.examples[:3]:
        assert np.abs(predictor.place(example.raw)).max() < 2 * size


def test_features_times_the_last_layer_are_the_logits():
    predictor = models.load("mnist-cnn", engine="onnx")
    raw = predictor.task.examples[0].raw
    arrays = {name: array[None] for name, array in predictor.processor.process(predictor.read(raw)).items()}
    features = embedding.Features(predictor.checkpoint)(arrays)
    tensors = predictor.checkpoint.tensors()
    logits = features @ tensors["net.head.weight"].T + tensors["net.head.bias"]
    assert np.allclose(logits, predictor.scores(arrays)[0], atol=1e-3)


def test_a_model_without_a_map_or_features_says_so():
    predictor = models.load("pixel-similarity", engine="onnx")
    with pytest.raises(BadCheckpoint, match=r"no pixel-similarity/map\.safetensors"):
        predictor.place(predictor.task.examples[0].raw)
    with pytest.raises(ZooError, match="no last layer with features"):
        embedding.Features(predictor.checkpoint)


FAULTS = {
    "must contain mean": lambda arrays: {name: arrays[name] for name in arrays if name != "points"},
    "do not fit together": lambda arrays: arrays | {"points": arrays["points"][1:].copy()},
    "NaN, infinity or an unknown label": lambda arrays: arrays | {"labels": arrays["labels"] + 9},
    "cannot be read": None,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_map_is_refused(tmp_path, fault):
    folder = tmp_path / "net"
    shutil.copytree(SHIPPED / "net-37", folder)
    change = FAULTS[fault]
    attach(folder, MAP, save(change(load((folder / MAP).read_bytes()))) if change else b"\0" * 100)
    with pytest.raises(BadCheckpoint, match=fault):
        embedding.read(Checkpoint.open(folder))


def test_the_map_of_another_net_is_refused(tmp_path):
    folder = tmp_path / "net"
    shutil.copytree(SHIPPED / "net-37", folder)
    attach(folder, MAP, (SHIPPED / "linear-37" / MAP).read_bytes())
    predictor = models.load(folder, engine="onnx")
    with pytest.raises(BadCheckpoint, match="not of its features"):
        predictor.place(predictor.task.examples[0].raw)
