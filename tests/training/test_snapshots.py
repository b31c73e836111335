"""Snapshots of a small net during training: which moments there are, that they resume, and that the file is bounded."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from models.checkpoint import limit
from models.entry import Recipe
from models.nets.classifier import Classifier
from models.snapshots import FILE, MOST
from training import learner
from training.data.examples import Examples
from training.fit import fit
from training.snapshots import chosen

RECIPE = Recipe(datasets=("none",), epochs=3, batch=16, lr=3e-2, augment=None, ema=0.9)


def _examples(n: int = 240, size: int = 6) -> Examples:
    random = np.random.default_rng(0)
    x = random.normal(0, 1, (n, size)).astype(np.float32)
    return Examples({"x": x}, (x[:, 0] > 0).astype(np.int64))


def _net(size: int = 6, batch_norm: bool = False) -> Classifier:
    torch.manual_seed(0)
    norm = [nn.BatchNorm1d(size)] if batch_norm else []
    return Classifier(nn.Sequential(nn.Linear(size, size), *norm, nn.ReLU()), nn.Linear(size, 2))


def _fit(folder, net=None, recipe=RECIPE, **options):
    return fit(net or _net(), _examples(), {"none": _examples()}, recipe, folder=folder, **options)


def test_the_first_moment_is_the_untrained_net_and_the_others_end_before_the_best_epoch(tmp_path):
    untrained = {f"net.{name}": tensor.numpy().copy() for name, tensor in _net().state_dict().items()}
    fitted = _fit(tmp_path)
    snapshots = fitted.snapshots
    assert snapshots.batches == 240 // 16
    assert snapshots.steps[0] == 0 and snapshots.steps[-1] == fitted.epoch * snapshots.batches
    assert {1, 2} < set(snapshots.steps) and snapshots.names[:2] == ("before training", "after 1 batch")
    assert snapshots.names[-1] == f"finished, after epoch {fitted.epoch}"
    for name, rows in snapshots.weights.items():
        assert rows.dtype == np.float16 and len(rows) == len(snapshots.steps) - 1
        assert (rows[0] == untrained[name].astype(np.float16)).all()


def test_after_an_epoch_the_averaged_weights_are_recorded(tmp_path):
    short = _fit(tmp_path / "short", recipe=replace(RECIPE, keep_best=False), stop_after=1)
    long = _fit(tmp_path / "long", recipe=replace(RECIPE, keep_best=False))
    row = long.snapshots.steps.index(long.snapshots.batches)
    for name, tensor in short.net.state_dict().items():
        assert (long.snapshots.weights[f"net.{name}"][row] == tensor.numpy().astype(np.float16)).all()


def test_a_resumed_run_has_the_same_snapshots(tmp_path, monkeypatch):
    whole = _fit(tmp_path / "whole")
    steps = learner.Learner._step

    def interrupt(self, *arguments):
        if self.step == 20:  # within the second epoch
            raise KeyboardInterrupt
        return steps(self, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(learner.Learner, "_step", interrupt)
        assert _fit(tmp_path / "parts").interrupted
    resumed = _fit(tmp_path / "parts", resume=True)
    assert resumed.snapshots.to_bytes() == whole.snapshots.to_bytes()


def test_a_run_resumed_without_its_snapshots_has_none(tmp_path):
    _fit(tmp_path, stop_after=1)
    (tmp_path / FILE).write_bytes(b"damaged")
    assert _fit(tmp_path, resume=True).snapshots is None


def test_a_net_with_batch_norm_is_recorded_after_epochs_only(tmp_path):
    steps = _fit(tmp_path, _net(batch_norm=True), recipe=replace(RECIPE, keep_best=False)).snapshots.steps
    assert steps == (0, 15, 30, 45)


@pytest.mark.parametrize(("size", "fits"), [(200, True), (300, False)])
def test_the_file_is_bounded_and_a_large_net_has_none(tmp_path, size, fits):
    recipe = replace(RECIPE, epochs=12)
    fitted = fit(_net(size), _examples(size=size), None, recipe, folder=tmp_path)
    assert (fitted.snapshots is not None) is fits
    if fits:
        assert len(fitted.snapshots.to_bytes()) <= limit(FILE)
        assert 8 <= len(fitted.snapshots.steps) < MOST


@pytest.mark.parametrize("epochs", [1, 12, 17, 30, 400])
@pytest.mark.parametrize("most", [7, 23])
def test_the_chosen_moments_begin_before_training_and_cover_all_epochs(epochs, most):
    batches = 100
    steps = [0, 1, 2, 3, 5, 8, 12, 19, 28, 43, 66, *range(batches, (epochs + 1) * batches, batches)]
    few = chosen(steps, batches, most)
    assert few == sorted(set(few)) and set(few) <= set(steps)
    assert len(few) == min(most, len(steps)) and few[0] == 0 and few[-1] >= (epochs - max(1, epochs // 2)) * batches
