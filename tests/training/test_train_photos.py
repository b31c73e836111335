"""The whole way for photos, on made-up ones: a frozen trunk, and a trunk that is let go after its head.

Each a checkpoint that answers.
"""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import models
from models.checkpoint import Checkpoint
from models.entry import Augment, Entry, Recipe
from models.processors.photo import Photo
from models.tasks.holidays import TASK
from training.data.dataset import Sources
from training.train import train

COLOURS = np.array(
    [[200, 40, 40], [40, 180, 60], [50, 60, 220], [200, 190, 50], [180, 60, 200], [60, 200, 200], [230, 230, 230]]
)


def net(classes: int = 7):
    from torch import nn

    from models.nets.photo import PhotoClassifier

    trunk = nn.Sequential(nn.Conv2d(3, 8, 8, stride=8), nn.BatchNorm2d(8), nn.ReLU())
    return PhotoClassifier(trunk, nn.Linear(8, classes), mirrored=True)


ENTRY = Entry(
    slug="tiny-photos",
    title="Tiny",
    task="holidays",
    description="For a test.",
    processor=lambda: Photo(size=32, cells=4),
    net=net,
    recipe=Recipe(datasets=("wonders",), epochs=8, batch=16, lr=3e-2, ema=0.9, augment=None, frozen=True),
)
LET_GO = replace(
    ENTRY,
    recipe=replace(ENTRY.recipe, frozen=False, head_epochs=4, augment=Augment(mirror=True, colour=0.1, scale=0.1)),
)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Ten photos of each place, noise around one colour per place."""
    root, random = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    for label, colour in zip(TASK.labels, COLOURS, strict=True):
        for part in ("train", "test"):
            folder = root / "wonders" / part / label
            folder.mkdir(parents=True)
            for number in range(14):
                pixels = np.clip(colour + random.normal(0, 60, (9, 12, 3)), 0, 255).astype(np.uint8)
                Image.fromarray(pixels).resize((120, 90)).save(folder / f"{number}.jpg")
    return root


@pytest.mark.parametrize("entry", [ENTRY, LET_GO], ids=["frozen", "let go"])
def test_a_photo_checkpoint_answers_with_evidence(entry, root, tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    folder = train(entry, name="mine", sources=Sources(root))
    checkpoint = Checkpoint.open(folder)
    checkpoint.check()
    assert [output.name for output in checkpoint.config.outputs] == ["logits", "familiarity", "evidence"]
    assert checkpoint.config.inputs[0].dtype == "uint8" and checkpoint.config.training.seconds > 0
    predictor = models.load(folder, engine="onnx")
    photos = sorted((root / "wonders" / "test").rglob("*.jpg"))
    right = [p.best == photo.parent.name for p, photo in zip(predictor.predict_batch(photos), photos, strict=True)]
    assert np.mean(right) > 0.7
    evidence = predictor.explain(photos[0])
    assert evidence.values.shape == (7, 4, 4) and (evidence.places.width, evidence.places.height) == (120, 90)
    array = predictor.processor.process(predictor.read(photos[0]))["x"][None]
    logits = predictor.engine.run({"x": array})["logits"][0]
    bias = checkpoint.tensors()["net.head.bias"]
    expected = (logits - bias - (logits - bias).mean()) / checkpoint.config.temperature
    np.testing.assert_allclose(evidence.values.sum(axis=(1, 2)), expected, atol=1e-3)


def test_a_frozen_trunk_is_unchanged_and_an_unfrozen_one_is_not(root, tmp_path, monkeypatch):
    import torch

    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    torch.manual_seed(0)
    before = net().trunk.state_dict()["0.weight"].numpy()
    for entry, same in ((ENTRY, True), (LET_GO, False)):
        after = Checkpoint.open(train(entry, name=f"mine-{same}".lower(), sources=Sources(root))).tensors()[
            "net.trunk.0.weight"
        ]
        assert np.allclose(before, after) == same
