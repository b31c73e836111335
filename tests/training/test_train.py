"""Train, evaluate, record and resume on the digits of scikit-learn, which need no download."""

import csv
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import models
from models import catalog
from models.checkpoint import Checkpoint
from models.errors import ZooError
from training import initialise, run
from training.data.dataset import Sources
from training.evaluate import evaluate, figures_on, record_available, record_evaluation
from training.train import train

FAST = {"datasets": "digits8x8", "epochs": 8, "batch": 64}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A checkpoint of mnist-cnn trained on digits8x8 alone."""
    before = os.environ.get("ZOO_HOME")
    os.environ["ZOO_HOME"] = str(tmp_path_factory.mktemp("home"))
    yield train("mnist-cnn", **FAST)
    os.environ["ZOO_HOME"] = before or ""


def test_the_checkpoint_is_complete_and_reads_digits(folder):
    checkpoint = Checkpoint.open(folder)
    checkpoint.check()
    assert checkpoint.config.slug == "mnist-cnn-mine" and checkpoint.config.parameters == 8_490
    assert [data.name for data in checkpoint.config.data] == ["digits8x8"]
    best = checkpoint.config.training.best_epoch
    assert checkpoint.config.training.epochs == 8
    first = "8 epochs" if best == 8 else f"8 epochs, the best of which was {best};"
    assert first in checkpoint.card and f"then {best} epoch" in checkpoint.card
    figures = evaluate("mnist-cnn-mine", on="digits8x8").figures
    assert figures.accuracy > 0.8 and figures.n == 597
    assert figures.interval[0] < figures.accuracy < figures.interval[1]
    assert sum(map(sum, figures.confusion)) == 597


def test_both_engines_give_the_same_figures(folder):
    onnx, torch = (
        figures_on(models.load(folder, engine=engine), "digits8x8", "test").figures for engine in ("onnx", "torch")
    )
    assert onnx.accuracy == torch.accuracy and onnx.nll == pytest.approx(torch.nll, abs=1e-4)


def test_validation_keeps_97_percent_and_the_temperature_helps(folder):
    figures = figures_on(models.load(folder), "digits8x8", "validation").figures
    assert figures.kept >= 0.9
    assert figures.nll <= figures.nll_before + 0.02


def test_out_of_distribution_figures_count_abstentions(folder):
    figures = evaluate("mnist-cnn-mine", on="noise").to_dict()
    assert figures["accuracy"] is None and figures["interval"] is None
    assert 0 <= figures["abstained"] <= 1 and figures["refused"] == 0
    assert figures["kept"] + figures["abstained"] + figures["refused"] == pytest.approx(1)


def test_runs_on_a_test_set_are_recorded_and_on_validation_not(folder):
    log = Path(os.environ["ZOO_HOME"]) / "test-runs.csv"
    before = len(list(csv.reader(log.open()))) if log.exists() else 1
    evaluate("mnist-cnn-mine", on="digits8x8")
    evaluate("mnist-cnn-mine", on="digits8x8", split="validation")
    rows = list(csv.DictReader(log.open()))
    assert len(rows) == before and rows[-1]["dataset"] == "digits8x8"


def test_recording_updates_figures_card_and_hashes_at_once(folder, data):
    record_evaluation(folder, Sources(data))
    checkpoint = Checkpoint.open(folder)
    checkpoint.check()
    evaluation = checkpoint.evaluation
    assert evaluation.test_runs == 1 and set(evaluation.ood) == {
        "noise",
        "scribbles",
        "doodles",
        "digit-pairs",
        "unipen-letters",
        "fashion",
    }
    assert checkpoint.config.figures["mnist"].accuracy == checkpoint.evaluation.test["mnist"].accuracy
    assert "## Out-of-distribution inputs" in checkpoint.card


def test_the_seed_determines_the_weights_and_resume_changes_nothing(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    first = Checkpoint.open(train("mnist-cnn", name="first", **FAST)).tensors()
    again = Checkpoint.open(train("mnist-cnn", name="first", resume=True, **FAST)).tensors()
    expected = Checkpoint.open(folder).tensors()
    for name in expected:
        assert np.array_equal(first[name], expected[name]) and np.array_equal(again[name], expected[name])


def test_a_users_model_is_tested_on_data_that_needs_no_download(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.delenv("ZOO_DATA", raising=False)
    small = replace(catalog.task("digits"), datasets=("mnist", "digits8x8"), ood_datasets=("noise", "fashion"))
    monkeypatch.setattr(catalog, "task", lambda slug: small)
    folder = train("mnist-cnn", refit=False, **{**FAST, "epochs": 1})
    assert record_available(folder) == ("mnist", "fashion")
    recorded = Checkpoint.open(folder)
    recorded.check()
    assert list(recorded.config.figures) == ["digits8x8"] and list(recorded.evaluation.ood) == ["noise"]
    assert recorded.evaluation.test_runs == 1
    rows = list(csv.DictReader((tmp_path / "test-runs.csv").open()))
    assert [row["dataset"] for row in rows] == ["digits8x8", "noise"]


@pytest.mark.parametrize("in_first_epoch", [True, False])
def test_ctrl_c_in_the_refit_keeps_the_validated_net(tmp_path, monkeypatch, in_first_epoch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    brief = {**FAST, "epochs": 1}
    expected = Checkpoint.open(train("mnist-cnn", name="whole", refit=False, **brief)).tensors()
    fit = run.fit

    def interrupted(net, train, validation, *rest, **options):
        if validation is None and in_first_epoch:
            raise KeyboardInterrupt
        return replace(fit(net, train, validation, *rest, **options), interrupted=validation is None)

    monkeypatch.setattr(run, "fit", interrupted)
    checkpoint = Checkpoint.open(train("mnist-cnn", name="cut", refit=True, **brief))
    assert checkpoint.config.training.interrupted and not checkpoint.config.training.refitted
    for name, tensor in checkpoint.tensors().items():
        assert np.array_equal(tensor, expected[name])


@pytest.mark.parametrize("name", ["mnist-cnn", "digits", "models", "a--b"])
def test_reserved_names_are_refused(name):
    with pytest.raises(ZooError, match="already used by the Zoo"):
        train("mnist-cnn", name=name, **FAST)


@pytest.mark.parametrize("name", ["My Model", "../../x", "-x", "x\n", "x" * 101])
@pytest.mark.parametrize("out", [None, Path("nowhere")])
def test_invalid_slugs_are_refused_before_training(name, out):
    with pytest.raises(ZooError, match="is not a valid slug"):
        train("mnist-cnn", name=name, out=out, **FAST)


@pytest.mark.parametrize("device", ["abacus", "auto", "cuda", "mps"])
def test_an_unavailable_device_is_refused(device, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: False)
    with pytest.raises(ZooError, match="is unknown" if device in ("abacus", "auto") else "is available"):
        train("mnist-cnn", device=device, **FAST)


def test_a_stale_state_is_not_resumed(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    old = tmp_path / "runs" / "mnist-cnn-mine" / "refit" / "resume.safetensors"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"of an earlier run")
    train("mnist-cnn", refit=False, **{**FAST, "epochs": 1})
    assert not old.exists()


def test_the_command_reports_errors_in_one_sentence(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", "training", "mnist-cn"],
        capture_output=True,
        text=True,
        env={**os.environ, "ZOO_HOME": str(tmp_path)},
    )
    assert ended.returncode == 1 and "mnist-cnn" in ended.stderr and "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    "slug, start_from, words",
    [
        ("names-ngrams", "mnist-conv", "names-ngrams has no trunk"),
        ("mnist-mlp", "words/glove-6b-50d", "mnist-mlp does not read words, so it cannot start from"),
        ("names-ngrams", "words/glove-6b-50d", "names-ngrams does not read words, so it cannot start from"),
    ],
)
def test_a_start_that_does_not_fit_the_net_is_refused(slug, start_from, words, monkeypatch):
    monkeypatch.setattr(initialise, "raw_inputs", lambda *arguments: [])
    entry = catalog.entry(slug)
    recipe = replace(entry.recipe, start_from=start_from)
    with pytest.raises(ZooError, match=words):
        initialise.fitted_processor(entry, recipe, None)
        initialise.new_net(entry, recipe, {}, 0, None)


def test_ctrl_c_during_head_training_ends_the_run(monkeypatch, tmp_path):
    monkeypatch.setattr(initialise, "fit", lambda *arguments, **options: SimpleNamespace(interrupted=True))
    monkeypatch.setattr(initialise, "Frozen", lambda *arguments: SimpleNamespace(through=lambda examples: examples))
    net, recipe = SimpleNamespace(head=None), replace(catalog.entry("mnist-conv").recipe, head_epochs=2)
    monkeypatch.setattr(initialise, "Head", lambda head: head)
    with pytest.raises(KeyboardInterrupt):
        initialise.warm_head(net, None, recipe, tmp_path, {"device": "cpu"})
    initialise.warm_head(
        net, None, replace(recipe, frozen=True), tmp_path, {"device": "cpu"}
    )  # there is nothing else to train


def test_figures_are_not_recorded_with_other_weights(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    small = replace(catalog.task("digits"), datasets=("digits8x8",), ood_datasets=("noise",))
    monkeypatch.setattr(catalog, "task", lambda slug: small)
    brief = {**FAST, "epochs": 1, "refit": False}
    folder = train("mnist-cnn", name="mine", **brief)

    def replaced_meanwhile(predictor, *arguments, **options):
        if predictor.fingerprint == Checkpoint.open(folder).fingerprint:
            train("mnist-cnn", name="mine", seed=1, **brief)
        return figures_on(predictor, *arguments, **options)

    monkeypatch.setattr("training.evaluate.figures_on", replaced_meanwhile)
    with pytest.raises(ZooError, match="mine was replaced while it was tested; its figures were not recorded."):
        record_available(folder)
    assert not Checkpoint.open(folder).evaluation.test
