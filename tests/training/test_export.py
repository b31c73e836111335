"""The exported graph: agrees with torch at any batch size, is self-contained and contains no path."""

import json

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from models.errors import ZooError
from models.nets.classifier import Classifier
from models.nets.familiarity import Familiarity, Served
from training import export
from training.export import check_parity, metadata_of, to_onnx


@pytest.fixture(scope="module")
def served() -> Served:
    torch.manual_seed(0)
    trunk = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten())
    familiarity = Familiarity(features=16, size=20, ink=True, deep=True)
    familiarity.bank.copy_(nn.functional.normalize(torch.randn(20, 16), dim=1))
    return Served(Classifier(trunk, nn.Linear(16, 3)), familiarity).eval()


@pytest.fixture(scope="module")
def inputs() -> dict[str, np.ndarray]:
    return {"x": np.random.default_rng(0).random((64, 1, 28, 28), np.float32)}


@pytest.fixture(scope="module")
def data(served, inputs) -> bytes:
    return to_onnx(served, inputs, metadata_of("some", {"name": "ink"}, ("a", "b", "c"), "Apache-2.0"))


def test_the_graph_agrees_with_torch(served, data, inputs):
    assert check_parity(served, data, inputs) < 1e-4


def test_the_graph_takes_any_batch_size(data):
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    for size in (1, 3, 500):
        logits, familiarity = session.run(None, {"x": np.zeros((size, 1, 28, 28), np.float32)})
        assert logits.shape == (size, 3) and familiarity.shape == (size,)


def test_the_metadata_describes_the_model_and_contains_no_path(data):
    graph = onnx.load_model_from_string(data)
    metadata = {entry.key: entry.value for entry in graph.metadata_props}
    assert (
        metadata["slug"] == "some"
        and json.loads(metadata["labels"]) == ["a", "b", "c"]
        and metadata["license"] == "Apache-2.0"
    )
    assert b"/home" not in data and b"site-packages" not in data and b".py" not in data


def test_a_graph_that_differs_is_not_saved(served, data, inputs, monkeypatch):
    monkeypatch.setattr(export, "TOLERANCE", -1.0)
    with pytest.raises(ZooError, match="differs from torch"):
        check_parity(served, data, inputs)


def test_large_convolutions_before_batch_norms_are_stored_as_float16():
    torch.manual_seed(0)
    convolution, norm = nn.Conv2d(1, 2048, 3), nn.BatchNorm2d(2048)
    nn.init.uniform_(norm.running_var, 0.5, 2)
    trunk = nn.Sequential(convolution, norm, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    familiarity = Familiarity(features=2048, size=4)
    served = Served(Classifier(trunk, nn.Linear(2048, 3)), familiarity).eval()
    graph = onnx.load_from_string(
        to_onnx(served, {"x": np.random.default_rng(0).random((64, 1, 8, 8), np.float32)}, {})
    )
    large = [tensor for tensor in graph.graph.initializer if np.prod(tensor.dims) >= 2**14]
    assert large and all(tensor.data_type == onnx.TensorProto.FLOAT16 for tensor in large)
