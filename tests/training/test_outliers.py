"""Familiarity of photos learned from outliers: it rejects what training photos do not resemble, blurred ones stay."""

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import models
from models.checkpoint import Checkpoint
from models.entry import Entry, Recipe
from models.nets.bank_familiarity import BankFamiliarity
from models.nets.familiarity import Served, new_familiarity
from models.nets.learned_familiarity import LearnedFamiliarity
from models.nets.photo import Maps, PhotoClassifier
from models.processors.photo import Photo
from models.tasks.holidays import TASK
from training import learned_familiarity, outliers
from training.data import synthetic_pictures
from training.data.dataset import Sources
from training.data.examples import Examples
from training.export import to_onnx
from training.learned_familiarity import learn
from training.studies import left_out
from training.train import train


class Stages(nn.Module):
    """A trunk of two convolutions that returns the statistics of its layers."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 6, 4, stride=4), nn.Conv2d(6, 8, 2, stride=2)

    def forward(self, x):
        return self.with_layers(x)[0]

    def with_layers(self, x):
        first = self.first(x).relu()
        maps = self.second(first).relu()
        return maps, torch.cat([stage.mean(dim=(2, 3)) for stage in (x, first, maps)], dim=1)


def net(classes: int = 7) -> PhotoClassifier:
    torch.manual_seed(0)
    return PhotoClassifier(Stages(), nn.Linear(8, classes), mirrored=True).eval()


def pictures(count: int, colour: tuple[int, int, int], seed: int = 0) -> Examples:
    """Noise around a colour."""
    noise = np.random.default_rng(seed).normal(0, 40, (count, 3, 32, 32))
    x = (np.array(colour)[:, None, None] + noise).clip(0, 255).astype(np.uint8)
    return Examples({"x": x}, np.zeros(count, np.int64))


def exposure(inside: tuple[int, int, int], outside: tuple[int, int, int]) -> outliers.Exposure:
    """200 pictures of one colour with 50 for validation, and 100 outliers of another."""
    validation = {"made-up": pictures(50, inside, seed=2)}
    return outliers.Exposure(
        pictures(200, inside), pictures(20, inside, seed=4), validation, pictures(100, outside, seed=3)
    )


def familiarity_of(learned: LearnedFamiliarity | BankFamiliarity, examples: Examples) -> np.ndarray:
    described = outliers.described(net(), examples, "cpu").inputs
    return learned(torch.from_numpy(described["features"]), torch.from_numpy(described["layers"])).numpy()


RED, BLUE, GREEN = (200, 60, 60), (60, 60, 200), (60, 200, 60)


@pytest.mark.parametrize("is_frozen", [False, True])
def test_familiarity_tells_the_task_from_the_outliers(is_frozen):
    learned, arguments, familiar = learn(net(), exposure(RED, BLUE), "cpu", 0, is_frozen)
    inside, outside = (familiarity_of(learned, pictures(50, colour, seed=1)) for colour in (RED, BLUE))
    assert np.quantile(inside, 0.1) > outside.max()
    assert familiar["made-up"].min() > outside.max() and len(familiar["made-up"]) == 50
    assert arguments["layers"] == 17 and arguments["features"] == 8 and not list(learned.parameters())
    again = learn(net(), exposure(RED, BLUE), "cpu", 0, is_frozen)[0]
    assert all(torch.equal(a, b) for a, b in zip(learned.buffers(), again.buffers(), strict=True))
    assert type(new_familiarity(arguments)) is type(learned) is (BankFamiliarity if is_frozen else LearnedFamiliarity)


def test_the_distance_is_the_same_in_all_directions_of_a_class():
    """It is the Mahalanobis distance: in white coordinates, training features have unit variance around centres."""
    random = np.random.default_rng(0)
    labels = np.arange(600) % 3
    features = (np.eye(8)[labels] * 9 + random.normal(0, 1, (600, 8)) * np.linspace(0.1, 0.5, 8)).astype(np.float32)
    learned = LearnedFamiliarity(features=8, layers=1, directions=7, classes=3, hidden=2)
    outside = torch.from_numpy(random.normal(0, 1, (100, 8)).astype(np.float32))
    learned_familiarity._fit_distance(learned, torch.from_numpy(features), torch.from_numpy(labels), outside)
    inside = learned.distance(torch.from_numpy(features))
    assert float(inside.quantile(0.97)) < float(learned.distance(outside).quantile(0.1))
    assert 1 < float(inside.square().mean()) < 8


def test_pictures_of_a_class_left_out_are_rejected():
    """Although they are no outliers: a label's score tells its pictures from those of the other labels."""
    parts = [pictures(60, colour, seed=5 + number) for number, colour in enumerate((RED, BLUE, GREEN))]
    for number, part in enumerate(parts):
        part.labels[:] = number
    everything = Examples.join(parts)
    even = np.arange(len(everything)) % 2 == 0
    grey = pictures(100, (128, 128, 128), seed=3)
    train, validation = everything.take(even), {"made-up": everything.take(~even)}
    exposed = outliers.Exposure(train, train.take(train.labels == 0), validation, grey).through(net(), "cpu")
    assert [left_out.rejected(exposed, label) for label in range(3)] == [1, 1, 1]


def test_scores_of_labels_with_few_photos_are_fitted_too():
    few = outliers.Exposure(
        pictures(8, RED), pictures(2, RED, seed=4), {"made-up": pictures(4, RED, seed=2)}, pictures(3, BLUE)
    )
    few.train.labels[4:] = 5
    learned, arguments, _ = learn(net(), few, "cpu", 0, is_frozen=True)
    assert arguments["classes"] == 2 and arguments["centres"] == 10
    assert np.isfinite(familiarity_of(learned, pictures(20, (0, 255, 0)))).all()


@pytest.mark.parametrize("is_frozen", [False, True])
def test_the_graph_computes_the_learned_familiarity(is_frozen):
    learned = learn(net(), exposure(RED, BLUE), "cpu", 0, is_frozen)[0]
    photos = pictures(64, (130, 60, 130))
    data = to_onnx(Served(net(), learned).eval(), photos.inputs, {})
    import onnxruntime

    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    assert [output.name for output in session.get_outputs()] == ["logits", "familiarity", "evidence"]
    expected = familiarity_of(learned, photos)
    np.testing.assert_allclose(session.run(["familiarity"], photos.inputs)[0], expected, atol=1e-3)


@pytest.mark.parametrize("trunk", ["resnet10t", "tf_efficientnet_lite0"])
@torch.no_grad()
def test_layers_do_not_change_the_answer(trunk):
    maps = Maps(trunk)
    classifier = PhotoClassifier(maps, nn.Linear(maps.width, 3), mirrored=True).eval()
    x = torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8)
    logits, _, evidence, layers = classifier.with_layers(x)
    assert torch.allclose(logits, classifier(x)[0], atol=1e-4)
    assert torch.allclose(evidence, classifier.with_evidence(x)[2], atol=1e-4)
    assert layers.shape[1] > 1_000 and torch.isfinite(layers).all()
    assert torch.allclose(layers, classifier.with_layers(x.flip(3))[3], atol=1e-4)


def test_degraded_photos_are_blurred_but_alike():
    sharp = pictures(1, (128, 128, 128)).inputs["x"][0].repeat(7, axis=1).repeat(7, axis=2)
    blurred = outliers.degrade(sharp, np.random.default_rng(0))
    assert blurred.shape == sharp.shape and blurred.dtype == np.uint8
    assert abs(float(blurred.mean()) - float(sharp.mean())) < 5 and blurred.std() <= sharp.std()


def test_there_are_more_photos_of_places(tmp_path):
    _write_tiny(tmp_path, 400)
    processor = Photo(size=32, cells=4)
    parts, fewer = (
        outliers._tiny(name, processor, Sources(tmp_path), np.random.default_rng(0))
        for name in ("tiny-imagenet-places", "tiny-imagenet")
    )
    assert [len(part) for part in parts] == [400, 2 * len(outliers.PLACES), outliers.MOSAICS]
    assert [len(part) for part in fewer] == [300, outliers.MOSAICS]
    assert all((part.labels == -1).all() and part.inputs["x"].shape[1:] == (3, 32, 32) for part in parts)


def test_many_synthetic_pictures_are_those_of_the_training_split_and_more(monkeypatch):
    monkeypatch.setattr(outliers, "SYNTHETIC_PICTURES", 12)
    monkeypatch.setattr(synthetic_pictures.pictures, "__defaults__", (8, 0))
    processor = Photo(size=32, cells=4)
    many, split = (
        outliers._outliers(name, processor, Sources(), np.random.default_rng(0))[0]
        for name in ("many-synthetic-pictures", "synthetic-pictures")
    )
    assert (len(many), len(split)) == (12, 8) and (many.labels == -1).all()
    assert np.array_equal(many.inputs["x"][:8], split.inputs["x"])


def test_a_model_with_outliers_abstains_on_synthetic_pictures(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.setattr(outliers, "MOSAICS", 20)
    monkeypatch.setattr(synthetic_pictures.pictures, "__defaults__", (80, 0))
    random = np.random.default_rng(0)
    for number, label in enumerate(TASK.labels):
        folder = tmp_path / "wonders" / "train" / label
        folder.mkdir(parents=True)
        for photo in range(20):
            pixels = [30 * number, 120, 200 - 25 * number] + random.normal(0, 50, (9, 12, 1))
            small = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
            small.resize((120, 90)).save(folder / f"{photo}.jpg")
    entry = Entry(
        slug="tiny-photos",
        title="Tiny",
        task="holidays",
        description="For a test.",
        processor=lambda: Photo(size=32, cells=4),
        net=net,
        recipe=Recipe(datasets=("wonders",), epochs=3, batch=16, lr=3e-2, ema=0.9, augment=None),
        outliers=("tiny-imagenet", "synthetic-pictures"),
    )
    for frozen in (False, True):
        recipe = replace(entry.recipe, frozen=frozen)
        folder = train(replace(entry, recipe=recipe), name=f"mine-{frozen}".lower(), sources=Sources(tmp_path))
        assert "without tiny-imagenet" in capsys.readouterr().err  # it is not on this machine
        checkpoint = Checkpoint.open(folder)
        checkpoint.check()
        assert checkpoint.config.net.familiarity["layers"] == 17
        predictor = models.load(folder, engine="onnx")
        unknown = predictor.predict_batch(synthetic_pictures.pictures(40, seed=2))
        known = predictor.predict_batch(sorted((tmp_path / "wonders" / "train").rglob("*.jpg")))
        assert np.mean([each.abstained for each in unknown]) > 0.6
        assert np.mean([each.abstained for each in known]) < 0.1
    frozen = replace(entry, recipe=replace(entry.recipe, frozen=True))
    monkeypatch.setattr(left_out.catalog, "entry", lambda slug: frozen)
    shares = left_out.left_out("tiny-photos", sources=Sources(tmp_path))
    assert tuple(shares) == TASK.labels and np.mean(list(shares.values())) > 0.3


def _write_tiny(root, count: int) -> None:
    folder = root / "tiny-imagenet"
    folder.mkdir()
    files = []
    for number in range(count):
        stream = io.BytesIO()
        Image.linear_gradient("L").resize((64, 64)).rotate(number).convert("RGB").save(stream, "WEBP")
        files.append(stream.getvalue())
    labels = (np.arange(count) % 200).astype(np.uint8)
    offsets = np.cumsum([0, *map(len, files)])
    np.savez(folder / "train-0.npz", bytes=np.frombuffer(b"".join(files), np.uint8), offsets=offsets, labels=labels)
