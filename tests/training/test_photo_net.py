"""Photo nets: evidence sums to scores, a mirrored photo gets the same answer, and a frozen trunk runs once."""

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import nn

from models import catalog
from models.entry import Recipe
from models.errors import ZooError
from models.nets.familiarity import Familiarity, Served
from models.nets.photo import LENGTH, Head, Maps, PhotoClassifier
from training import backbone, pretrain
from training.backbone import paired, take_over
from training.data.dataset import Sources
from training.data.examples import Examples
from training.export import to_onnx
from training.fit import fit
from training.frozen import Frozen


def net(mirrored: bool = True) -> PhotoClassifier:
    torch.manual_seed(0)
    trunk = nn.Sequential(nn.Conv2d(3, 6, 4, stride=4), nn.ReLU())
    return PhotoClassifier(trunk, nn.Linear(6, 3), mirrored).eval()


def pictures(count: int = 5) -> torch.Tensor:
    return torch.randint(0, 256, (count, 3, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


@torch.no_grad()
def test_evidence_sums_to_the_centred_scores():
    model = net()
    logits, features, evidence = model.with_evidence(pictures())
    assert evidence.shape == (5, 3, 4, 4)
    unbiased = logits - model.head.bias
    assert torch.allclose(evidence.sum(dim=(2, 3)), unbiased - unbiased.mean(dim=1, keepdim=True), atol=1e-5)
    assert torch.allclose(logits, model(pictures())[0]) and torch.allclose(features.norm(dim=1), torch.tensor(LENGTH))


@torch.no_grad()
def test_a_mirrored_photo_has_the_same_scores_and_mirrored_evidence():
    (a, _, here), (b, _, there) = net().with_evidence(pictures()), net().with_evidence(pictures().flip(3))
    assert torch.allclose(a, b, atol=1e-5) and torch.allclose(here, there.flip(3), atol=1e-5)
    assert not torch.allclose(net(False)(pictures())[0], net(False)(pictures().flip(3))[0], atol=1e-3)


def test_the_graph_outputs_the_evidence():
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


def test_a_frozen_trunk_runs_once_and_the_head_is_restored(tmp_path, monkeypatch):
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
    monkeypatch.setattr(again, "_features", None)  # a call would fail
    assert np.array_equal(again.through(examples).inputs["x"], seen.inputs["x"]) and again.seconds == frozen.seconds
    with pytest.raises(TypeError):
        again.through(replace(examples, inputs={"x": 255 - examples.inputs["x"]}))
    (tmp_path / "cache").joinpath(next((tmp_path / "cache").iterdir()).name).write_bytes(b"half a file")
    assert np.array_equal(Frozen(net(), "cpu").through(examples).inputs["x"], seen.inputs["x"])


def test_a_net_that_is_more_than_trunk_and_head_cannot_be_frozen():
    with pytest.raises(ZooError, match="cannot be frozen"):
        Frozen(catalog.entry("names-gru").net(), "cpu")


def test_weights_are_matched_in_order_without_the_head():
    trunk = net().trunk
    state = {"a": torch.ones(6, 3, 4, 4), "b": torch.zeros(6), "head": torch.ones(9)}
    assert list(paired(state, trunk)) == ["0.weight", "0.bias"]


def test_missing_or_mismatched_weights_are_an_error(monkeypatch):
    monkeypatch.setattr(backbone, "_of_lite0", lambda: {"a": torch.ones(2), "b": torch.ones(6)})
    with pytest.raises(ZooError, match="do not fit"):
        take_over(net().trunk, "package/efficientnet-lite0")
    monkeypatch.undo()
    monkeypatch.setattr(backbone, "find_spec", lambda name: None)
    with pytest.raises(ZooError, match="make train-tools"):
        take_over(net().trunk, "package/efficientnet-lite0")
    with pytest.raises(ZooError, match="no model 'mnist-con'"):
        take_over(net().trunk, "mnist-con")


def test_efficientnet_loads_the_weights_of_timm():
    whole = catalog.entry("holidays-efficientnet").net()
    before = whole.trunk.state_dict()["net.conv_stem.weight"].clone()
    take_over(whole.trunk, "package/efficientnet-lite0")
    after = whole.trunk.state_dict()
    assert not torch.equal(before, after["net.conv_stem.weight"])
    assert float(after["net.bn2.running_var"].min()) > 0


def test_a_backbone_is_trained_on_two_targets_and_loaded(tmp_path, monkeypatch):
    """A few steps on synthetic photos in the layout of Tiny ImageNet; a random teacher replaces EfficientNet."""
    folder = tmp_path / "tiny-imagenet"
    folder.mkdir()
    random = np.random.default_rng(0)
    for part, count in (("train-0", 24), ("val", 8)):
        files = [encoded(random.integers(0, 256, (64, 64, 3), np.uint8)) for _ in range(count)]
        offsets = np.cumsum([0, *map(len, files)])
        content = np.frombuffer(b"".join(files), np.uint8)
        np.savez(folder / f"{part}.npz", bytes=content, offsets=offsets, labels=np.arange(count, dtype=np.uint8) % 4)
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    for module in (pretrain, backbone):
        monkeypatch.setattr(module, "FOLDER", tmp_path / "backbones")
    monkeypatch.setattr(
        pretrain, "_teacher", lambda examples, device: random.random((len(examples), 5)).astype(np.float16)
    )
    brief = replace(pretrain.RECIPE, epochs=1, batch=8)
    path = pretrain.make_backbone(brief, device="cpu", sources=Sources(tmp_path))
    assert path.stat().st_size < 12_000_000
    trunk = Maps("resnet10t")
    take_over(trunk, "backbone/resnet10t")
    tensors = load_file(path)
    assert tensors["net.conv1.0.weight"].dtype == torch.float16
    assert torch.equal(trunk.state_dict()["net.conv1.0.weight"], tensors["net.conv1.0.weight"].float())
    with pytest.raises(ZooError, match="python -m training backbone"):
        take_over(trunk, "backbone/other")


def test_the_loss_is_lower_for_the_direction_of_the_teacher(tmp_path):
    """The teacher is a fixed net; with the second target the features of the student come closer to its own."""
    x = pictures(64).numpy()
    with torch.no_grad():
        teacher = net()(pictures(64))[1].numpy()
    near = {}
    for weight in (0.0, 20.0):
        torch.manual_seed(1)
        student = PhotoClassifier(nn.Sequential(nn.Conv2d(3, 6, 4, stride=4), nn.ReLU()), nn.Linear(6, 3))
        recipe = Recipe(datasets=("made-up",), epochs=20, batch=16, lr=1e-2, augment=None, distil=weight)
        examples = Examples({"x": x, "teacher": teacher}, np.arange(64) % 3)
        fitted = fit(student, examples, None, recipe, folder=tmp_path / str(weight))
        with torch.no_grad():
            features = fitted.net(pictures(64))[1]
        near[weight] = float(nn.functional.cosine_similarity(features, torch.from_numpy(teacher)).mean())
    assert near[20.0] > near[0.0] + 0.02


def test_timm_weights_come_from_its_cache_and_name_the_trunk(monkeypatch):
    import timm

    made = timm.create_model("resnet10t", num_classes=0)
    monkeypatch.setattr(timm, "create_model", lambda name, pretrained, **more: made if pretrained else None)
    assert (
        backbone.sizes_of("timm/resnet10t.c3_in1k") == {"trunk": "resnet10t"} and backbone.sizes_of("mnist-conv") == {}
    )
    state = {f"net.{name}": tensor for name, tensor in made.state_dict().items()}
    trunk = nn.Module()
    trunk.net = timm.models.resnet.resnet10t(num_classes=0)
    take_over(trunk, "timm/resnet10t.c3_in1k")
    assert all(torch.equal(tensor, state[name]) for name, tensor in trunk.state_dict().items())

    def offline(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr(timm, "create_model", offline)
    with pytest.raises(ZooError, match="could not be downloaded: no network"):
        take_over(trunk, "timm/resnet10t.c3_in1k")


def encoded(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "WEBP", quality=68)
    return stream.getvalue()
