"""Photo nets: their evidence adds up to their scores, a mirror image is the same to them, and a frozen trunk is asked once."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from models.errors import ZooError
from models.nets.familiarity import Familiarity, Served
from models.nets.photo import LENGTH, Head, PhotoClassifier
from training import backbone
from training.backbone import paired, take_over
from training.examples import Examples
from training.export import to_onnx
from training.frozen import Frozen


def net(mirrored: bool = True) -> PhotoClassifier:
    torch.manual_seed(0)
    trunk = nn.Sequential(nn.Conv2d(3, 6, 4, stride=4), nn.ReLU())
    return PhotoClassifier(trunk, nn.Linear(6, 3), mirrored).eval()


def pictures(count: int = 5) -> torch.Tensor:
    return torch.randint(0, 256, (count, 3, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


@torch.no_grad()
def test_evidence_adds_up_to_the_scores_less_their_mean():
    one = net()
    logits, features, evidence = one.with_evidence(pictures())
    assert evidence.shape == (5, 3, 4, 4)
    weighed = logits - one.head.bias
    assert torch.allclose(evidence.sum(dim=(2, 3)), weighed - weighed.mean(dim=1, keepdim=True), atol=1e-5)
    assert torch.allclose(logits, one(pictures())[0]) and torch.allclose(features.norm(dim=1), torch.tensor(LENGTH))


@torch.no_grad()
def test_a_mirror_image_has_the_same_scores_and_mirrored_evidence():
    (a, _, here), (b, _, there) = net().with_evidence(pictures()), net().with_evidence(pictures().flip(3))
    assert torch.allclose(a, b, atol=1e-5) and torch.allclose(here, there.flip(3), atol=1e-5)
    assert not torch.allclose(net(False)(pictures())[0], net(False)(pictures().flip(3))[0], atol=1e-3)


def test_the_graph_gives_the_evidence_too():
    served = Served(net(), Familiarity(features=6, size=4)).eval()
    data = to_onnx(served, {"x": pictures(64).numpy()}, {})
    import onnxruntime

    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    assert [output.name for output in session.get_outputs()] == ["logits", "familiarity", "evidence"]
    assert session.get_inputs()[0].type == "tensor(uint8)"
    with torch.no_grad():
        expected = served(pictures(3))
    for got, wanted in zip(session.run(None, {"x": pictures(3).numpy()}), expected, strict=True):
        np.testing.assert_allclose(got, wanted.numpy(), atol=1e-4)


def test_a_frozen_trunk_looks_once_and_the_head_is_put_back(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    examples = Examples({"x": pictures(40).numpy()}, np.arange(40) % 3, refused=2)
    frozen = Frozen(net(), "cpu")
    seen = frozen.through(examples)
    assert seen.refused == 2 and seen.inputs["x"].shape == (40, 6) and frozen.seconds > 0
    head = Head(nn.Linear(6, 3))
    whole = frozen.with_head(head)
    with torch.no_grad():
        expected = whole(pictures(40))[0].numpy()
    np.testing.assert_allclose(head(torch.from_numpy(seen.inputs["x"]))[0].detach().numpy(), expected, atol=1e-4)
    again = Frozen(net(), "cpu")
    monkeypatch.setattr(again, "_features", None)  # would fail if it were called
    assert np.array_equal(again.through(examples).inputs["x"], seen.inputs["x"]) and again.seconds == frozen.seconds
    with pytest.raises(TypeError):
        again.through(replace(examples, inputs={"x": 255 - examples.inputs["x"]}))
    (tmp_path / "cache").joinpath(next((tmp_path / "cache").iterdir()).name).write_bytes(b"half a file")
    assert np.array_equal(Frozen(net(), "cpu").through(examples).inputs["x"], seen.inputs["x"])


def test_weights_are_paired_in_their_order_and_a_head_is_left_out():
    trunk = net().trunk
    state = {"a": torch.ones(6, 3, 4, 4), "b": torch.zeros(6), "head": torch.ones(9)}
    assert list(paired(state, trunk)) == ["0.weight", "0.bias"]


def test_weights_that_do_not_fit_or_are_not_there_are_said_to_be_so(monkeypatch):
    monkeypatch.setattr(backbone, "_lite0", lambda: {"a": torch.ones(2), "b": torch.ones(6)})
    with pytest.raises(ZooError, match="do not fit"):
        take_over(net().trunk, "package/efficientnet-lite0")
    monkeypatch.undo()
    monkeypatch.setattr(backbone, "find_spec", lambda name: None)
    with pytest.raises(ZooError, match="make train-tools"):
        take_over(net().trunk, "package/efficientnet-lite0")
    with pytest.raises(ZooError, match="no model 'mnist-con'"):
        take_over(net().trunk, "mnist-con")


def test_efficientnets_weights_are_timms():
    from models import catalog

    whole = catalog.entry("holidays-efficientnet").net()
    before = whole.trunk.state_dict()["net.conv_stem.weight"].clone()
    take_over(whole.trunk, "package/efficientnet-lite0")
    after = whole.trunk.state_dict()
    assert not torch.equal(before, after["net.conv_stem.weight"])
    assert float(after["net.bn2.running_var"].min()) > 0
