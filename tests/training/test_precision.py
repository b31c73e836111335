"""Training computes in bfloat16 where it helps, and in float32 elsewhere."""

import pytest
import torch
from torch import nn

from models import catalog
from models.nets.classifier import Classifier
from tests.training.test_fit import _fit, _net, _same
from training import learner
from training.data.dataset import Sources
from training.precision import training_type
from training.preparation import Job, prepare
from training.recipe import changed
from training.run import fit_validated

CPU, GPU = torch.device("cpu"), torch.device("cuda")


def test_bfloat16_is_for_large_layers_on_gpus_that_have_it(monkeypatch):
    linear = Classifier(nn.Flatten(), nn.Linear(64, 2))
    attention = nn.TransformerEncoderLayer(8, 2)
    recurrent = nn.ModuleList([nn.Conv1d(8, 8, 3), nn.GRU(8, 8)])
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: True)
    assert [training_type(net, GPU) for net in (_net(), attention)] == [torch.bfloat16] * 2
    assert [training_type(net, GPU) for net in (linear, recurrent)] == [torch.float32] * 2
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: False)
    assert training_type(_net(), GPU) == torch.float32


@pytest.mark.parametrize(
    ("capabilities", "dtype"),
    [
        ({"avx512_bf16": True, "amx_bf16": False}, torch.bfloat16),
        ({"amx_bf16": True}, torch.bfloat16),
        ({"avx512_bf16": False, "avx512_f": True}, torch.float32),
        ({}, torch.float32),
    ],
)
def test_on_a_cpu_bfloat16_is_for_large_convolutions_if_it_computes_in_it(monkeypatch, capabilities, dtype):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    large = nn.Sequential(nn.Conv2d(64, 128, 3), nn.Conv2d(128, 128, 3))
    assert training_type(large, CPU) == dtype
    assert training_type(_net(), CPU) == torch.float32
    assert training_type(Classifier(nn.Flatten(), nn.Linear(1000, 1000)), CPU) == torch.float32
    assert training_type(large, torch.device("mps")) == torch.float32


def test_in_float32_autocast_is_not_entered(tmp_path, monkeypatch):
    monkeypatch.setattr(torch, "autocast", lambda *_: pytest.fail("autocast on the CPU"))
    _fit(tmp_path, stop_after=1)


def test_training_in_bfloat16_is_as_accurate_and_evaluated_in_float32(tmp_path, monkeypatch):
    fitted = {}
    for dtype in (torch.float32, torch.bfloat16):
        monkeypatch.setattr(learner, "training_type", lambda net, device, dtype=dtype: dtype)
        fitted[dtype] = _digits(tmp_path / str(dtype))
    exact, short = fitted.values()
    assert not _same(exact, short)
    assert all(weight.dtype == torch.float32 for weight in short.net.parameters())
    accuracy, expected = (each.history[-1]["accuracy"] for each in (short, exact))
    assert expected > 0.8 and abs(accuracy - expected) < 0.06


def _digits(work):
    entry = catalog.entry("mnist-cnn")
    recipe = changed(entry, {"datasets": "digits8x8", "epochs": 8, "augment": False})
    job = Job(entry, catalog.task("digits"), recipe, 0, "cpu", Sources(download=False), work, False, "")
    return fit_validated(job, prepare(job))
