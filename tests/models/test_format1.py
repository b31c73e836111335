"""Checkpoints of format version 1 are still read, and are written as version 2."""

import hashlib
import json
import shutil

import pytest

from models import load, store, writing
from models.checkpoint import Checkpoint
from models.errors import BadCheckpoint
from models.paths import SHIPPED

SLUGS = ["mnist-cnn", "letters-transfer", "reviews-gru"]  # with seeds and layers, a learning curve, an ablation


def renamed(values: dict, names: dict[str, str]) -> dict:
    return {names.get(key, key): value for key, value in values.items()}


def as_version_1(folder) -> None:
    """Rewrite a checkpoint of version 2 the way version 1 wrote it."""
    config = json.loads((folder / "config.json").read_text())
    task = {"ood_datasets": "foreign", "dataset_names": "dataset_words", "label_names": "label_words"}
    config = renamed(config, {"description": "words"}) | {"format": 1, "task": renamed(config["task"], task)}
    evaluation = renamed(json.loads((folder / "evaluation.json").read_text()), {"ood": "foreign"})
    tenths = {"ece_equal_10": "ece_tenths", "ece_equal_10_by_chance": "ece_tenths_by_chance"}
    for split in ("test", "validation"):
        evaluation[split] = {name: renamed(figures, tenths) for name, figures in evaluation[split].items()}
    evaluation["seeds"] = {name: renamed(each, {"std": "spread"}) for name, each in evaluation.get("seeds", {}).items()}
    studies = renamed(
        evaluation.get("studies", {}),
        {"learning_curve": "learning curve", "ablation": "pieces", "attribution_check": "evidence"},
    )
    if "pieces" in studies:
        pieces = renamed(studies["pieces"], {"baseline": "as_it_is", "changes": "pieces"})
        pieces["pieces"] = [renamed(change, {"description": "words"}) for change in pieces["pieces"]]
        studies["pieces"] = pieces
    if "evidence" in studies:
        check = renamed(studies["evidence"], {"unit": "parts", "baseline": "guess"})
        rows = {"baseline": "stand_in", "over_baseline": "over_stand_in"}
        studies["evidence"] = check | {"shares": [renamed(row, rows) for row in check["shares"]]}
    evaluation |= {"studies": studies, "training": config["training"]}
    (folder / "evaluation.json").write_text(json.dumps(evaluation))
    if (folder / "activations.onnx").exists():
        (folder / "activations.onnx").rename(folder / "layers.onnx")
    config["files"] = renamed(config["files"], {"activations.onnx": "layers.onnx"})
    config["files"]["evaluation.json"] = hashlib.sha256((folder / "evaluation.json").read_bytes()).hexdigest()
    (folder / "config.json").write_text(json.dumps(config))


@pytest.fixture(params=SLUGS)
def old(request, tmp_path):
    folder = tmp_path / request.param
    shutil.copytree(SHIPPED / request.param, folder)
    as_version_1(folder)
    return folder


def test_a_version_1_checkpoint_answers_like_version_2(old):
    then, now = Checkpoint.open(old), Checkpoint.open(SHIPPED / old.name)
    then.check()
    assert then.version == 1 and then.config.model_copy(update={"files": {}}) == now.config.model_copy(
        update={"files": {}}
    )
    assert then.evaluation == now.evaluation and then.task == now.task
    raw = now.golden.inputs[0].raw
    assert load(old).predict(raw).probabilities == load(SHIPPED / old.name).predict(raw).probabilities
    if now.has("activations.onnx"):
        assert then.read("activations.onnx") == now.read("activations.onnx")


def test_a_version_1_checkpoint_is_pushed_as_version_2(old, tmp_path):
    copy = tmp_path / "copy"
    writing.write(copy, writing.contents(Checkpoint.open(old)))
    opened = Checkpoint.open(copy)
    opened.check()
    assert opened.version == 2 and opened.evaluation == Checkpoint.open(old).evaluation
    assert not (copy / "layers.onnx").exists()


def test_recording_rewrites_version_1_as_version_2(old, tmp_path):
    versions = tmp_path / "versions"
    shutil.copytree(old, versions / "first")
    store.point(versions, "first")
    opened = Checkpoint.open(versions)
    writing.record(versions, opened.evaluation, opened.config.figures)
    after = Checkpoint.open(versions)
    after.check()
    assert after.version == 2 and after.evaluation == opened.evaluation


@pytest.mark.parametrize(
    "values", [{"test": 1}, {"test": {"mnist": 1}}, {"seeds": []}, {"studies": {"pieces": {"pieces": 3}}}]
)
def test_a_damaged_evaluation_is_refused_with_one_sentence(old, values):
    (old / "evaluation.json").write_text(json.dumps(values))
    config = json.loads((old / "config.json").read_text())
    config["files"]["evaluation.json"] = hashlib.sha256((old / "evaluation.json").read_bytes()).hexdigest()
    (old / "config.json").write_text(json.dumps(config))
    with pytest.raises(BadCheckpoint, match="evaluation.json is invalid at"):
        _ = Checkpoint.open(old).evaluation
