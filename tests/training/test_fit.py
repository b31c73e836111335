"""The training loop: it learns, is deterministic, resumes exactly, and keeps the best epoch on Ctrl-C."""

import csv
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from models.entry import Augment, Recipe
from models.errors import ZooError
from models.nets.classifier import Classifier
from models.nets.linear import MeanImages
from models.nets.trees import Trees
from training import learner
from training.data.examples import Examples
from training.fit import fit
from training.progress import Progress
from training.sgd import SGD

RECIPE = Recipe(datasets=("none",), epochs=4, batch=32, lr=3e-2, augment=None, ema=0.9)


def _bars(n: int, seed: int = 0) -> Examples:
    """Vertical bars (0) and horizontal bars (1) in noise, 8x8."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, n)
    x = random.normal(0, 0.3, (n, 1, 8, 8)).astype(np.float32)
    for image, label, at in zip(x[:, 0], labels, random.integers(0, 8, n), strict=True):
        (image if label else image.T)[at] += 1
    return Examples({"x": x}, labels)


def _net(seed: int = 0, batch_norm: bool = False) -> Classifier:
    torch.manual_seed(seed)
    norm = [nn.BatchNorm2d(6)] if batch_norm else []
    # In the second convolution the weights lie differently in memory (channels last) than in the file.
    convolutions = [nn.Conv2d(1, 6, 3), *norm, nn.ReLU(), nn.Conv2d(6, 6, 3), nn.ReLU()]
    trunk = nn.Sequential(*convolutions, nn.AdaptiveMaxPool2d(2), nn.Flatten(), nn.Dropout(0.1))
    return Classifier(trunk, nn.Linear(24, 2))


def _fit(folder, recipe=RECIPE, net=None, **options):
    return fit(net or _net(), _bars(400), {"bars": _bars(200, seed=1)}, recipe, folder=folder, **options)


def _same(a, b) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a.net.state_dict().values(), b.net.state_dict().values(), strict=True))


@pytest.mark.parametrize("batch_norm", [False, True])
def test_training_learns(tmp_path, batch_norm):
    fitted = _fit(tmp_path, replace(RECIPE, epochs=8), _net(batch_norm=batch_norm))
    assert max(row["accuracy"] for row in fitted.history) > 0.9
    assert fitted.history[fitted.epoch - 1]["accuracy"] == max(row["accuracy"] for row in fitted.history)


def test_with_a_large_epsilon_rare_rows_of_a_table_move_less_than_frequent_ones(tmp_path):
    """With the default epsilon of AdamW all rows move alike, so a rare word would weigh as much as a frequent one."""

    class Table(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = nn.Embedding(2, 2)
            nn.init.zeros_(self.table.weight)

        def forward(self, x):
            return self.table(x), x

    rows = np.r_[np.zeros(620, np.int64), np.ones(20, np.int64)]
    train = Examples({"x": rows}, np.zeros(640, np.int64))
    moved = {}
    for eps in (1e-8, 1e-1):
        recipe = replace(RECIPE, epochs=2, lr=1e-2, eps=eps, weight_decay=0.0)
        net = fit(Table(), train, None, recipe, folder=tmp_path / str(eps)).net
        moved[eps] = (net.table.weight[1].norm() / net.table.weight[0].norm()).item()
    assert moved[1e-1] < 0.2 < 0.5 < moved[1e-8]


def test_the_weights_are_those_of_the_best_epoch(tmp_path):
    fitted = _fit(tmp_path)
    validation = _bars(200, seed=1)
    with torch.no_grad():
        logits, _ = fitted.net(torch.from_numpy(validation.inputs["x"]))
    accuracy = float((logits.argmax(1).numpy() == validation.labels).mean())
    assert accuracy == pytest.approx(fitted.history[fitted.epoch - 1]["accuracy"])


def test_without_keep_best_the_last_epoch_counts(tmp_path):
    """With a dozen validation examples, the best epoch is a matter of luck."""
    fitted = _fit(tmp_path, replace(RECIPE, keep_best=False))
    assert fitted.epoch == len(fitted.history) == RECIPE.epochs and "accuracy" in fitted.history[-1]


def test_weights_depend_on_the_seed(tmp_path):
    recipe = replace(RECIPE, augment=Augment(elastic=0.5), epochs=2)
    first, again = _fit(tmp_path / "a", recipe, seed=3), _fit(tmp_path / "b", recipe, seed=3)
    assert _same(first, again)
    assert not _same(first, _fit(tmp_path / "c", recipe, seed=4))


def test_an_interrupted_run_resumes_to_the_same_weights(tmp_path):
    recipe = replace(RECIPE, augment=Augment(elastic=0.5))
    whole = _fit(tmp_path / "whole", recipe)
    _fit(tmp_path / "cut", recipe, stop_after=2)
    resumed = _fit(tmp_path / "cut", recipe, net=_net(seed=9), resume=True)
    assert _same(whole, resumed)
    assert [row["loss"] for row in resumed.history] == [row["loss"] for row in whole.history]


def test_a_run_that_diverges_ends_at_that_epoch_and_names_the_learning_rate(tmp_path):
    with pytest.raises(ZooError, match=r"diverged at epoch 1: loss is .*; try a smaller --lr than 90\."):
        _fit(tmp_path, replace(RECIPE, lr=90.0))
    _fit(tmp_path / "nan", stop_after=1)
    nan = _net()
    nan.head.weight.data.fill_(float("nan"))
    with pytest.raises(ZooError, match="diverged at epoch 1: loss is NaN; try a smaller --lr"):
        _fit(tmp_path / "nan", net=nan)


def test_a_finished_run_resumes_unchanged(tmp_path):
    assert _same(_fit(tmp_path), _fit(tmp_path, net=_net(seed=9), resume=True))


def test_another_recipe_does_not_resume(tmp_path):
    _fit(tmp_path, stop_after=1)
    with pytest.raises(ZooError, match="lr changed"):
        _fit(tmp_path, replace(RECIPE, lr=1e-3), resume=True)


def test_another_seed_does_not_resume(tmp_path):
    _fit(tmp_path, stop_after=1, seed=1)
    with pytest.raises(ZooError, match="seed changed"):
        _fit(tmp_path, resume=True, seed=2)


def test_another_net_does_not_resume(tmp_path):
    _fit(tmp_path, stop_after=1)
    with pytest.raises(ZooError, match="the net changed"):
        _fit(tmp_path, net=_net(batch_norm=True), resume=True)


def test_a_damaged_state_is_refused(tmp_path):
    _fit(tmp_path, stop_after=1)
    (tmp_path / "resume.safetensors").write_bytes(b"nothing")
    with pytest.raises(ZooError, match="is damaged"):
        _fit(tmp_path, resume=True)


def test_the_history_is_written_after_each_epoch(tmp_path):
    _fit(tmp_path, stop_after=3)
    rows = list(csv.DictReader((tmp_path / "history.csv").open()))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert {"loss", "validation loss", "accuracy", "accuracy bars", "seconds"} <= set(rows[0])


def test_ctrl_c_keeps_the_best_epoch(tmp_path, monkeypatch):
    _interrupt_in_epoch(monkeypatch, 3)
    fitted = _fit(tmp_path)
    assert fitted.interrupted and fitted.epoch == 2 and len(fitted.history) == 2


def test_ctrl_c_in_the_first_epoch_has_nothing_to_keep(tmp_path, monkeypatch):
    _interrupt_in_epoch(monkeypatch, 1)
    with pytest.raises(KeyboardInterrupt):
        _fit(tmp_path)


def test_without_validation_the_last_epoch_is_used(tmp_path):
    fitted = fit(_net(), _bars(400), None, RECIPE, folder=tmp_path, stop_after=3)
    assert fitted.epoch == 3


def _interrupt_in_epoch(monkeypatch, number: int) -> None:
    epoch, count = learner.Learner.epoch, iter(range(1, 100))

    def interrupted(run, progress):
        if next(count) == number:
            raise KeyboardInterrupt
        return epoch(run, progress)

    monkeypatch.setattr(learner.Learner, "epoch", interrupted)


def test_without_a_terminal_a_long_run_prints_at_most_twenty_lines(capfd):
    for epochs, lines in ((3, 3), (20, 20), (120, 20)):
        with Progress("round 2 of 5", epochs, steps=1) as progress:
            for epoch in range(1, epochs + 1):
                progress.epoch({"epoch": epoch, "loss": 0.5, "seconds": 1.0})
        printed = capfd.readouterr().err.splitlines()
        assert len(printed) == lines and printed[-1].startswith(f"round 2 of 5: epoch {epochs}/{epochs}")


@pytest.mark.parametrize("net", [MeanImages(2, 8), Trees(2, rounds=3, leaves=4)])
def test_a_net_that_is_fitted_at_once_shows_its_progress_too(net, tmp_path, capfd):
    sets = [_bars(400), _bars(200, seed=1)]
    if isinstance(net, Trees):
        sets = [Examples({"x": each.inputs["x"].reshape(-1, 64)}, each.labels) for each in sets]
    fitted = fit(net, sets[0], {"bars": sets[1]}, RECIPE, folder=tmp_path, title="at once")
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == fitted.epoch and lines[-1].startswith(f"at once: epoch {fitted.epoch}/{fitted.epoch}  ")
    assert f"  accuracy {100 * fitted.history[-1]['accuracy']:.2f}%  " in lines[-1]
    assert ("  loss " in lines[-1]) == isinstance(net, Trees)


class _Letters(nn.Module):
    """Texts of four letters of ten: the label is whether the first is among the first five."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.letters = nn.Embedding(10, 6, padding_idx=0)
        self.head = nn.Linear(24, 2)

    def forward(self, x):
        features = self.letters(x).flatten(1)
        return self.head(features), features


def test_an_embedding_is_perturbed_and_restored():
    net, x = _Letters(), torch.arange(1, 9).view(2, 4)
    labels = torch.tensor([0, 1])
    before = net.letters.weight.detach().clone()
    loss = nn.functional.cross_entropy(net(x)[0], labels)
    loss.backward()
    with learner.perturbed(learner.tables(net), 0.3):
        moves = (net.letters.weight - before).norm(dim=1) / before.norm(dim=1).clamp_min(1e-9)
        assert torch.allclose(moves[1:9], torch.full((8,), 0.3), atol=1e-5)  # the rows that were read
        assert not moves[0] and not moves[9]  # padding, and a letter that is not in the batch
        assert nn.functional.cross_entropy(net(x)[0], labels) > loss
    assert torch.equal(net.letters.weight, before)


def test_an_adversarial_run_learns_and_is_more_robust(tmp_path):
    """With it, a perturbation of the letters raises the loss less than without."""
    random = np.random.default_rng(0)
    x = random.integers(1, 10, (400, 4))
    examples = Examples({"x": x}, (x[:, 0] > 5).astype(np.int64))
    left = {}
    for share in (0.0, 0.5):
        recipe = replace(RECIPE, epochs=15, adversarial=share, label_smoothing=0.0)
        net = fit(_Letters(), examples, {"letters": examples}, recipe, folder=tmp_path / str(share)).net
        inputs, labels = torch.from_numpy(x), torch.from_numpy(examples.labels)
        assert (net(inputs)[0].argmax(dim=1) == labels).float().mean() > 0.99
        nn.functional.cross_entropy(net(inputs)[0], labels).backward()
        with learner.perturbed(learner.tables(net), 0.5), torch.no_grad():
            left[share] = float(nn.functional.cross_entropy(net(inputs)[0], labels))
    assert left[0.5] < 0.9 * left[0.0]


def test_a_net_without_embeddings_is_not_trained_adversarially(tmp_path):
    with pytest.raises(ZooError, match="omit --adversarial"):
        _fit(tmp_path, replace(RECIPE, adversarial=0.3))


def test_momentum_is_that_of_torch(tmp_path):
    """With and without it, the steps by hand are those of torch.optim.SGD; without, there is no state."""
    for momentum in (0.0, 0.9):
        nets = [nn.Linear(3, 2) for _ in range(2)]
        nets[1].load_state_dict(nets[0].state_dict())
        ours, theirs = SGD(nets[0].parameters(), 0.1, momentum), torch.optim.SGD(nets[1].parameters(), 0.1, momentum)
        for number in range(4):
            for net, optimizer in zip(nets, (ours, theirs), strict=True):
                optimizer.zero_grad()
                net(torch.full((5, 3), float(number))).square().sum().mul(0.01).backward()
                optimizer.step()
        for mine, torchs in zip(*(net.parameters() for net in nets), strict=True):
            assert torch.allclose(mine, torchs, atol=1e-6)
        assert bool(ours.state) is bool(momentum)


@pytest.mark.parametrize("optimizer, momentum", [("adam", 0.0), ("sgd", 0.9), ("sgd", 0.0)])
def test_every_optimizer_learns_and_resumes_exactly(tmp_path, optimizer, momentum):
    recipe = replace(RECIPE, optimizer=optimizer, momentum=momentum, lr=0.02 if optimizer == "adam" else 0.1)
    whole = _fit(tmp_path / "whole", recipe)
    assert whole.history[-1]["loss"] < whole.history[0]["loss"]
    _fit(tmp_path / "cut", recipe, stop_after=2)
    assert _same(whole, _fit(tmp_path / "cut", recipe, net=_net(seed=9), resume=True))


def test_the_learning_rate_follows_the_schedule(tmp_path):
    rates = {}
    for schedule in ("one-cycle", "cosine", "constant"):
        recipe = replace(RECIPE, schedule=schedule)
        rates[schedule] = [row["lr"] / recipe.lr for row in _fit(tmp_path / schedule, recipe).history]
    assert rates["constant"] == [1, 1, 1, 1]
    assert rates["cosine"] == sorted(rates["cosine"], reverse=True) and 0.8 < rates["cosine"][0] < 1
    assert rates["one-cycle"][0] < 1 and rates["one-cycle"][-1] == pytest.approx(rates["cosine"][-1], abs=0.01)


def test_with_patience_a_run_stops_early_and_resumes_to_the_same_end(tmp_path, monkeypatch):
    accuracies = [0.5, 0.4, 0.7, 0.6, 0.7, 0.9, 0.9, 0.9, 0.9]
    monkeypatch.setattr(
        learner.Learner,
        "validate",
        lambda run, checks: {"accuracy": accuracies[run.step // run.steps_an_epoch - 1], "validation loss": run.step},
    )
    recipe = replace(RECIPE, epochs=9, patience=2)
    first = _fit(tmp_path / "a", recipe)
    assert first.epoch == 3 and len(first.history) == 5  # equally accurate with a higher loss is no better
    again = _fit(tmp_path / "a", recipe, resume=True)
    assert _same(first, again) and [row["loss"] for row in again.history] == [row["loss"] for row in first.history]


def test_validation_every_third_epoch_and_after_the_last(tmp_path):
    fitted = _fit(tmp_path, replace(RECIPE, epochs=7, val_every=3))
    assert [int(row["epoch"]) for row in fitted.history if "accuracy" in row] == [3, 6, 7]
    assert fitted.epoch in (3, 6, 7) and len(fitted.history) == 7
    lines = (tmp_path / "history.csv").read_text().splitlines()
    assert lines[0].startswith("epoch,loss,lr,seconds") and lines[1].endswith(",,,") and len(lines) == 8
    every = _fit(tmp_path / "every", replace(RECIPE, epochs=7))
    assert [row["loss"] for row in every.history] == [row["loss"] for row in fitted.history]


def test_ctrl_c_before_the_first_validation_has_nothing_to_keep(tmp_path, monkeypatch):
    _interrupt_in_epoch(monkeypatch, 3)
    with pytest.raises(KeyboardInterrupt):
        _fit(tmp_path, replace(RECIPE, val_every=3))
