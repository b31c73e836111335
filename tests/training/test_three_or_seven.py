"""Threes and sevens: pixel similarity has the course's figures to the digit; gradient descent by hand."""

import numpy as np
import pytest
import torch

from models import catalog, paths
from models.checkpoint import Checkpoint
from models.entry import Recipe
from training.data import dataset
from training.data.dataset import Sources
from training.data.examples import Examples
from training.evaluate import figures_on
from training.fit import fit
from training.sgd import SGD


def test_pixel_similarity_has_the_figures_of_the_course_on_mnist_itself(data):
    """The course's own computation: mean images of all training digits, the mean absolute difference to each."""
    parts = {split: dataset("mnist-37").read(split, Sources(data)) for split in ("train", "validation", "test")}
    images = np.concatenate([np.stack(parts[split].inputs) for split in ("train", "validation")]) / 255
    labels = np.concatenate([parts[split].labels for split in ("train", "validation")])
    means = [images[labels == label].mean(axis=0) for label in (0, 1)]
    test = np.stack(parts["test"].inputs) / 255
    distance = np.stack([np.abs(test - mean).mean(axis=(1, 2)) for mean in means])
    right = distance.argmin(axis=0) == parts["test"].labels
    counts = np.bincount(parts["test"].labels)
    assert counts.tolist() == [1010, 1028]
    shares = [right[parts["test"].labels == label].mean() for label in (0, 1)]
    assert [round(share, 4) for share in shares] == [0.9168, 0.9854]


def test_the_shipped_pixel_similarity_has_them_too():
    """Through the processor and the graph."""
    of_labels = Checkpoint.open(paths.SHIPPED / "pixel-similarity").evaluation.test["mnist-37"].per_class
    assert [(round(of_labels[label].recall, 4), of_labels[label].n) for label in "37"] == [
        (0.9168, 1010),
        (0.9854, 1028),
    ]


def test_the_shipped_pixel_similarity_gives_them_again(data, tmp_path, monkeypatch):
    import models

    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    figures = figures_on(models.load("pixel-similarity"), "mnist-37", "test", Sources(data)).figures
    assert [round(figures.per_class[label].recall, 4) for label in "37"] == [0.9168, 0.9854]


def test_the_parts_of_unipen_are_threes_and_sevens_and_all_others():
    whole, chosen, others = (
        dataset(name).read("test", Sources()) for name in ("unipen-digits", "unipen-37", "unipen-not-37")
    )
    counts = np.bincount(whole.labels)
    assert np.bincount(chosen.labels).tolist() == [counts[3], counts[7]] and chosen.classes == ("3", "7")
    assert len(chosen.inputs) + len(others.inputs) == len(whole.inputs) and others.labels is None


def test_gradient_descent_by_hand_moves_against_the_gradient():
    weights = [torch.nn.Parameter(torch.tensor([1.0, -2.0])) for _ in range(2)]
    optimizers = SGD([weights[0]], lr=0.1), torch.optim.SGD([weights[1]], lr=0.1)
    for _ in range(3):
        for weight, optimizer in zip(weights, optimizers, strict=True):
            optimizer.zero_grad()
            weight.square().sum().backward()
            optimizer.step()
    torch.testing.assert_close(*weights)
    assert weights[0].tolist() == pytest.approx([0.512, -1.024])


@pytest.mark.parametrize("slug", ["pixel-similarity", "linear-37"])
def test_the_nets_learn_two_simple_kinds_of_drawings(slug, tmp_path):
    random = np.random.default_rng(0)
    labels = np.arange(60) % 2
    x = 0.2 * random.random((60, 1, 28, 28), np.float32)
    x[labels == 0, :, :, 10:14] += 0.8
    x[labels == 1, :, 10:14] += 0.8
    examples = Examples({"x": x}, labels.astype(np.int64))
    entry = catalog.entry(slug)
    recipe = Recipe(datasets=("mnist-37",), epochs=3, batch=20, lr=0.05, optimizer=entry.recipe.optimizer, augment=None)
    fitted = fit(entry.net(), examples, {"some": examples}, recipe, folder=tmp_path)
    assert fitted.history[-1]["accuracy"] == fitted.history[-1]["accuracy some"] == 1
    assert (tmp_path / "history.csv").exists() and fitted.epoch >= 1
