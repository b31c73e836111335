"""Refitting familiarity: the net is unchanged, the familiarity changes, unsuitable models are refused."""

import json
import shutil
from dataclasses import asdict, replace

import numpy as np
import pytest

import models
from models import catalog
from models.checkpoint import Checkpoint
from models.errors import ZooError
from models.paths import SHIPPED
from models.processors.ink import Ink
from training import outlier_exposure, preparation, run
from training import refit_familiarity as refitting
from training.data.examples import Examples

TEXTS = ("a warm and funny film", "the plot is thin", "not bad at all", "loud , stupid and endless", "it is a story .")


@pytest.fixture
def recorded(monkeypatch) -> list:
    """The folders whose figures were taken; the data are TEXTS, over and over."""

    def prepare(name, part, processor, labels, root):
        texts = [processor.read(text) for text in TEXTS * 20]
        return Examples(processor.process_batch(texts), np.arange(100) % 5)

    folders = []
    monkeypatch.setattr(preparation, "prepare_split", prepare)
    monkeypatch.setattr(refitting, "record_evaluation", lambda folder, data: folders.append(folder))
    return folders


def test_refitting_keeps_the_net_and_fits_the_familiarity(tmp_path, recorded):
    folder = tmp_path / "reviews-ngrams"
    shutil.copytree(SHIPPED / "reviews-ngrams", folder)
    before = Checkpoint.open(folder)
    old, evaluation, history = before.tensors(), before.evaluation, before.history
    refitting.refit_familiarity(folder)
    after = Checkpoint.open(folder)
    after.check()
    assert recorded == [folder]
    new = after.tensors()
    assert all(np.array_equal(old[name], new[name]) for name in old if name.startswith("net."))
    assert not np.array_equal(new["familiarity.rarity"], old["familiarity.rarity"])
    unchanged = ("temperature", "training", "data", "parameters", "figures")
    assert all(getattr(after.config, name) == getattr(before.config, name) for name in unchanged)
    assert after.evaluation == evaluation and after.history == history
    assert after.task == catalog.task("reviews")
    onnx, torch = (models.load(folder, engine=engine) for engine in ("onnx", "torch"))
    for item in after.golden.inputs:
        prediction = onnx.predict(item.raw)
        assert prediction.familiarity == pytest.approx(item.familiarity, abs=1e-3)
        assert prediction.familiarity == pytest.approx(torch.predict(item.raw).familiarity, abs=1e-3)
    known = [onnx.predict(text).familiarity for text in TEXTS]
    assert min(known) > onnx.predict("der Streifen ist zqx").familiarity


def test_the_threshold_of_a_refitted_model_comes_from_the_validated_net(tmp_path, recorded, monkeypatch):
    folder = tmp_path / "names-ngrams"
    shutil.copytree(SHIPPED / "names-ngrams", folder)
    old, runs, fit = Checkpoint.open(folder).tensors(), [], run.fit

    def noted(net, train, validation, recipe, **options):
        runs.append((len(train), list(validation)))
        return fit(net, train, validation, recipe, **options)

    monkeypatch.setattr(run, "fit", noted)
    refitting.refit_familiarity(folder)
    after = Checkpoint.open(folder)
    after.check()
    assert runs == [(100, ["names"])] and recorded == [folder]
    new = after.tensors()
    assert all(np.array_equal(old[name], new[name]) for name in old if name.startswith("net."))
    onnx, torch = (models.load(folder, engine=engine) for engine in ("onnx", "torch"))
    values = [onnx.predict(text).familiarity for text in (TEXTS[0], "qwxzkjvq")]
    assert values == pytest.approx([torch.predict(text).familiarity for text in (TEXTS[0], "qwxzkjvq")], abs=1e-3)
    assert values[0] > values[1]


def test_a_model_with_a_frozen_trunk_and_no_outliers_is_refused(tmp_path, recorded, monkeypatch):
    entry = replace(catalog.entry("holidays-efficientnet"), outliers=())
    monkeypatch.setattr(catalog, "entry", lambda slug: entry)
    shutil.copytree(SHIPPED / "holidays-efficientnet", tmp_path / "holidays-efficientnet")
    with pytest.raises(ZooError, match="train it again"):
        refitting.refit_familiarity(tmp_path / "holidays-efficientnet")
    assert not recorded


def test_an_ink_model_trained_on_few_examples_gets_a_detector_of_other_ink(tmp_path, recorded, monkeypatch):
    folder = tmp_path / "letters-scratch"
    shutil.copytree(SHIPPED / "letters-scratch", folder)
    old, random = Checkpoint.open(folder).tensors(), np.random.default_rng(0)

    def prepare(name, part, processor, labels, root):
        x = np.zeros((1_040, 1, 28, 28), np.float32)
        for picture, top in zip(x[:, 0], random.integers(4, 14, len(x)), strict=True):
            if name == "random-figures":  # a box; a letter is a line
                picture[top : top + 10, [6, 20]] = picture[[top, top + 9], 6:20] = 1
            else:
                picture[top : top + 10, 12:15] = 1
        return Examples({"x": x}, np.arange(len(x)) % 26)

    monkeypatch.setattr(preparation, "prepare_split", prepare)
    monkeypatch.setattr(refitting, "fitted_processor", lambda *arguments: Ink(apart_limit=6))
    monkeypatch.setattr(outlier_exposure, "STEPS", 60)
    refitting.refit_familiarity(folder)
    after = Checkpoint.open(folder)
    after.check()
    assert recorded == [folder] and after.config.net.familiarity["detector"] == 28
    assert after.processor == Ink(apart_limit=6)
    new = after.tensors()
    assert all(np.array_equal(old[name], new[name]) for name in old if name.startswith("net."))
    onnx, torch = (models.load(folder, engine=engine) for engine in ("onnx", "torch"))
    line, box = [[[140, 60], [140, 220]]], [[[60, 60], [220, 60], [220, 220], [60, 220], [60, 60]]]
    familiar, other = (onnx.predict(strokes).familiarity for strokes in (line, box))
    assert familiar > other and other == pytest.approx(torch.predict(box).familiarity, rel=1e-4)


def test_another_recipe_is_refused_and_an_interrupted_run_changes_nothing(tmp_path, recorded, monkeypatch):
    folder = tmp_path / "names-ngrams"
    shutil.copytree(SHIPPED / "names-ngrams", folder)
    config = folder / "config.json"
    before, fit = config.read_text(), run.fit

    def interrupted(*arguments, **options):
        return replace(fit(*arguments, stop_after=1, **options), interrupted=True)

    monkeypatch.setattr(run, "fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        refitting.refit_familiarity(folder)
    assert config.read_text() == before
    changed = json.loads(before)
    changed["training"]["recipe"]["epochs"] += 1
    config.write_text(json.dumps(changed))
    with pytest.raises(ZooError, match="not trained with its entry's current recipe"):
        refitting.refit_familiarity(folder)
    assert not recorded


def test_a_recipe_recorded_before_a_hyperparameter_was_introduced_has_its_default():
    recipe = catalog.entry("holidays-scratch").recipe
    recorded = json.loads(json.dumps(asdict(recipe)))
    del recorded["augment"]["erase"], recorded["momentum"]
    assert refitting.recorded_recipe(recorded) == recipe
    recorded["augment"]["mirror"] = False
    assert refitting.recorded_recipe(recorded) != recipe
    assert refitting.recorded_recipe({**recorded, "sharpen": 1}) is None
