"""`Predictor.torch_module`: the net with its trained weights, and a sentence where torch is missing."""

import sys

import numpy as np
import pytest

import models
from models import ZooError

torch = pytest.importorskip("torch")


@pytest.mark.parametrize("id", ["mnist-cnn", "names-rnn", "titanic-mlp"])
def test_it_gives_the_models_own_logits(id):
    predictor = models.load(id, engine="onnx")
    example = predictor.task.examples[0].raw
    arrays = predictor.processor.process_batch([predictor.read(example)])
    module = predictor.torch_module()
    assert isinstance(module, torch.nn.Module) and not module.training
    with torch.no_grad():
        logits, features = module(*map(torch.from_numpy, arrays.values()))
    assert np.allclose(logits.numpy(), predictor.scores(arrays)[0], atol=1e-3)
    assert features.shape[0] == 1 and module is not predictor.torch_module()


def test_without_torch_it_says_what_to_install(monkeypatch):
    predictor = models.load("mnist-cnn", engine="onnx")
    monkeypatch.setitem(sys.modules, "torch", None)  # importing it raises ImportError
    monkeypatch.delitem(sys.modules, "models.nets.familiarity", raising=False)
    with pytest.raises(ZooError, match="PyTorch is not installed; run make train-tools"):
        predictor.torch_module()
