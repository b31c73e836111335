"""Figures on inputs that are answered, refused, or answered wrongly with confidence."""

import shutil

import numpy as np
import pytest

import models
from models import paths
from models.checkpoint import Checkpoint
from training.data import prepare as preparing
from training.data.dataset import Dataset, Raw
from training.evaluate import figures_on, record_figures


@pytest.fixture
def data(monkeypatch, tmp_path):
    """Replaces a data set by the images and labels it is called with; for None, they belong to no class."""
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))

    def replaced(images, labels):
        raw = Raw(images, labels, tuple("0123456789") if labels is not None else (), "0" * 64)
        monkeypatch.setattr(
            preparing, "find", lambda name, sources: Dataset(name, "t", "a", "l", lambda split, sources: raw, ("test",))
        )

    return replaced


def bars(count: int) -> np.ndarray:
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 4:24, 13:16] = 255
    return images


def test_inputs_of_no_class_may_all_be_refused(data):
    data(np.zeros((3, 28, 28), np.uint8), None)
    figures = figures_on(models.load("mnist-mlp"), "some", "test").figures
    assert (figures.n, figures.abstained, figures.refused, figures.auroc) == (3, 0, 1, None)


def test_confident_mistakes_are_a_share_of_all_inputs(data):
    """Of three bars, which look like a 1, one is called a 7; a fourth input is blank."""
    data(np.concatenate([bars(3), np.zeros((1, 28, 28), np.uint8)]), np.array([1, 1, 7, 1]))
    predictor = models.load("mnist-mlp")
    answer = predictor.predict(bars(1)[0])
    assert answer.label == "1" and answer.probabilities["1"] >= 0.9
    figures = figures_on(predictor, "some", "test").figures
    assert (figures.accuracy, figures.kept, figures.refused) == (0.5, 0.75, 0.25)
    assert figures.accuracy_kept == pytest.approx(2 / 3) and figures.confidently_wrong == 0.25


def test_the_figures_on_one_data_set_are_recorded_beside_the_others(data, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(paths.SHIPPED / "mnist-mlp", folder)
    before = Checkpoint.open(folder).evaluation
    data(bars(3), np.array([1, 1, 7]))
    record_figures(folder, "bars")
    data(bars(2), None)
    record_figures(folder, "strangers")
    after = Checkpoint.open(folder)
    assert after.evaluation.test["bars"].n == 3 and after.evaluation.ood["strangers"].n == 2
    assert after.config.figures["bars"].n == 3
    assert {**before.test, "bars": after.evaluation.test["bars"]} == after.evaluation.test
    assert (before.seeds, before.test_runs, before.validation) == (
        after.evaluation.seeds,
        after.evaluation.test_runs,
        after.evaluation.validation,
    )
