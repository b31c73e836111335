"""A checkpoint whose entry's file was edited: torch refuses it with the way on, and ONNX Runtime answers as before."""

from dataclasses import replace

import pytest

from models import ZooError, catalog, load, loading
from models.tasks.digits import DRAWINGS

torch = pytest.importorskip("torch")


def wider(net):
    """The net for one more label."""
    return lambda classes, **arguments: net(classes=classes + 1, **arguments)


def with_other_arguments(net):
    return lambda labels: net(classes=labels)


def with_a_mistake(net):
    return lambda **arguments: {}["no such key"]


def with_another_activation(net):
    """Weights of the same names and shapes, but other answers."""

    def built(**arguments):
        module = net(**arguments)
        for parent in list(module.modules()):
            for name, child in list(parent.named_children()):
                if isinstance(child, torch.nn.ReLU):
                    setattr(parent, name, torch.nn.Tanh())
        return module

    return built


def that_fails_when_it_runs(net):
    def built(**arguments):
        module = net(**arguments)
        module.forward = lambda *inputs: inputs[0].no_such_method()
        return module

    return built


EDITS = (wider, with_other_arguments, with_a_mistake, with_another_activation, that_fails_when_it_runs)


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_entry_does_not_break_its_older_checkpoints(edit, monkeypatch):
    entry = catalog.entry("mnist-mlp")
    monkeypatch.setattr(catalog, "entry", lambda slug: replace(entry, net=edit(entry.net)))
    loading._loaded.clear()
    with pytest.raises(ZooError, match="not the one with which mnist-mlp was trained; run it with the onnx engine"):
        load("mnist-mlp", device="cpu", engine="torch")
    monkeypatch.setattr(loading, "best_device", lambda: "cuda")  # where torch would be the default
    predictor = load("mnist-mlp")
    assert predictor.engine.name == "onnx" and predictor.predict(DRAWINGS["seven"]).label == "7"


def test_an_unchanged_entry_runs_in_torch():
    loading._loaded.clear()
    assert load("mnist-mlp", device="cpu", engine="torch").predict(DRAWINGS["seven"]).label == "7"
