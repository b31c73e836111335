"""Several processes train as one does, and end together."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from models import runs
from models.checkpoint import Checkpoint
from models.entry import Augment
from models.errors import ZooError
from models.nets.classifier import Classifier
from models.nets.linear import MeanImages
from tests.processes import PATIENCE, Together
from tests.training.test_fit import RECIPE, _bars
from training import distributed
from training.__main__ import main
from training.batches import Batches
from training.fit import fit
from training.learner import Learner
from training.torchrun import ENDED, joined, launcher
from training.train import train

DIGITS = {"datasets": "digits8x8", "epochs": 12, "refit": False}
TRAIN = ["mnist-softmax", "--datasets", "digits8x8", "--no-test"]
CASES = {
    "plain": replace(RECIPE, batch=33),  # shares of 17 and 16
    "augmented": replace(RECIPE, augment=Augment(shift=1), epochs=2),
    "batch norm": replace(RECIPE, epochs=2),
}


def net_of(case: str) -> nn.Module:
    """A small convolutional net, with the same weights each time, and with batch norm in the last case."""
    torch.manual_seed(0)
    norm = [nn.BatchNorm2d(6)] if "norm" in case else []
    trunk = nn.Sequential(nn.Conv2d(1, 6, 3), *norm, nn.ReLU(), nn.AdaptiveMaxPool2d(2), nn.Flatten())
    return Classifier(trunk, nn.Linear(24, 2))


def fit_cases(folder: Path) -> None:
    """Train each case, and save its last weights (without running statistics) and figures."""
    rank = os.environ.get("RANK", "alone")
    with joined("cpu"):
        for case, recipe in CASES.items():
            net = net_of(case)
            checks = {"bars": _bars(200, seed=1)}
            fitted = fit(net, _bars(400), checks, replace(recipe, keep_best=False), folder=folder / rank / case)
            figures = {"accuracy": torch.tensor([row["accuracy"] for row in fitted.history])}
            figures |= {"loss": torch.tensor([row["loss"] for row in fitted.history])}
            weights = {name: weight.detach().contiguous() for name, weight in net.named_parameters()}
            save_file(weights | figures, folder / f"{rank}-{case}.safetensors")


def test_two_processes_take_the_steps_of_one(tmp_path):
    with Together(2, tmp_path, fit_cases, tmp_path) as both:
        fit_cases(tmp_path)
        assert both.codes() == [0, 0], both.printed()
        warning = "Batch norm uses the statistics of each process's share"
        assert warning in both.printed()[0] and both.printed()[1] == ""
    for case in CASES:
        first, second, alone = (load_file(tmp_path / f"{who}-{case}.safetensors") for who in ("0", "1", "alone"))
        assert all(torch.equal(first[name], second[name]) for name in first), case
        if case == "plain":
            torch.testing.assert_close(first, alone, rtol=1e-3, atol=1e-4)
        assert abs(first["accuracy"][-1] - alone["accuracy"][-1]) < 0.1, case


def test_torchrun_trains_one_model_as_accurate_as_that_of_one_process(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "two"))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "training"]
    options = [f"--{name}={value}" for name, value in DIGITS.items() if name != "refit"]
    options += ["--no-refit", "--no-test", "--device=cpu"]
    process = subprocess.Popen([*command, "mnist-softmax", *options], stderr=subprocess.PIPE, text=True)
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "alone"))
    alone = Checkpoint.open(train("mnist-softmax", device="cpu", **DIGITS))
    printed = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 0, printed
    assert printed.count("epoch 12/12") == 1 and printed.count("Use it:") == 1
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "two"))
    assert len(list((tmp_path / "two").rglob("model.safetensors"))) == 1
    (run,) = runs.runs()
    assert run.state == "finished"
    (path,) = (tmp_path / "two" / "checkpoints").iterdir()
    model = Checkpoint.open(path)
    assert model.config.training.machine.endswith("2 processes")
    accuracy, expected = (each.evaluation.best_epoch["accuracy"] for each in (model, alone))
    assert expected > 0.75 and abs(accuracy - expected) < 0.05


def test_a_killed_process_ends_the_other_and_ctrl_c_keeps_what_the_resumed_run_has_learned(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    command = [*TRAIN, "--epochs", "90000"]
    history = runs.folder("mnist-softmax-mine") / "validated" / "history.csv"
    with Together(2, tmp_path, main, command) as both:
        both.wait_for(history)
        both.signal(signal.SIGKILL, 1)
        assert both.codes() == [1, -signal.SIGKILL]
        assert both.printed()[0].splitlines()[-1] == ENDED
    run = runs.read("mnist-softmax-mine")
    assert run.state == "failed" and run.reason == ENDED and run.epoch
    rows = history.read_text()
    for output in both.outputs:
        output.unlink()
    with Together(2, tmp_path, main, [*command, "--resume"]) as both:
        while history.read_text() == rows:
            both.wait_for(history)
        both.signal(signal.SIGINT, 0)  # as `zoo runs` stops it; a terminal's Ctrl-C reaches both
        assert both.codes() == [0, 0], both.printed()
        assert "Interrupted in epoch" in both.printed()[0] and both.printed()[1] == ""
        to_continue = "To continue: torchrun --nproc-per-node 2 -m training mnist-softmax --slug mnist-softmax-mine "
        assert to_continue in both.printed()[0]
    assert history.read_text().startswith(rows)
    assert runs.read("mnist-softmax-mine").state == "stopped"
    assert len(list(tmp_path.rglob("model.safetensors"))) == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([*TRAIN, "--epochs", "2", "--lr", "90", "--batch", "2"], "The training diverged at epoch 1"),
        (["pixel-similarity", "--datasets", "digits8x8"], "does not have"),  # of the main one; the other waits for it
        (["no-such-entry"], "no-such-entry"),
    ],
)
def test_an_error_of_all_processes_is_one_sentence(tmp_path, monkeypatch, arguments, sentence):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    with Together(2, tmp_path, main, arguments) as both:
        assert both.codes() == [1, 1]
        lines = "".join(both.printed()).splitlines()
    assert len([line for line in lines if sentence in line]) == 1, lines
    assert "Traceback" not in "".join(lines)


def test_other_commands_and_own_examples_are_refused(tmp_path, monkeypatch):
    for name, value in {"TORCHELASTIC_RUN_ID": "test", "WORLD_SIZE": "2", "RANK": "0"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ZooError, match="Only zoo train shares the work between processes; start it without torchrun"):
        fit(net_of("plain"), _bars(40), None, RECIPE, folder=tmp_path)
    with pytest.raises(ZooError, match="A batch of 1 cannot be shared by 2 processes"):
        Learner(net_of("plain"), Batches(_bars(1), torch.device("cpu")), RECIPE, 0, torch.device("cpu"))
    with monkeypatch.context() as patch, pytest.raises(ZooError, match="at once, in one process; start it without"):
        patch.setattr(distributed, "is_parallel", lambda: True)
        fit(MeanImages(2, 8), _bars(40), None, RECIPE, folder=tmp_path)
    with pytest.raises(ZooError, match="--device mps trains in one process"), joined("mps"):
        pass
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    with pytest.raises(ZooError, match="2 processes need as many GPUs, and this machine has 1"), joined("cuda"):
        pass


def test_the_command_on_several_machines_names_their_meeting_point(monkeypatch):
    variables = {"TORCHELASTIC_RUN_ID": "test", "WORLD_SIZE": "8", "LOCAL_WORLD_SIZE": "4", "GROUP_WORLD_SIZE": "2"}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    meeting = "--nnodes 2 --rdzv-backend c10d --rdzv-endpoint HOST:PORT"
    assert " ".join(launcher()) == f"torchrun {meeting} --nproc-per-node 4 -m training"


def test_without_torchrun_another_programs_variables_change_nothing(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", "1")
    net = net_of("plain")
    with joined("cpu"):
        assert distributed.parallel(net, torch.device("cpu")) is net
    assert launcher() == ["zoo", "train"]
    assert distributed.from_main(lambda: 3) == 3 and distributed.share() == slice(0, None, 1)


def test_on_gpus_batch_norm_is_synchronised_in_modules_that_share_the_tensors(monkeypatch):
    monkeypatch.setattr(distributed, "is_parallel", lambda: True)
    monkeypatch.setattr(distributed, "DistributedDataParallel", lambda net, **_: net)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
    net = net_of("batch norm")
    called = distributed.parallel(net, torch.device("cuda"))
    assert any(isinstance(module, nn.SyncBatchNorm) for module in called.modules())
    assert not any(isinstance(module, nn.SyncBatchNorm) for module in net.modules())
    pairs = zip([*net.parameters(), *net.buffers()], [*called.parameters(), *called.buffers()], strict=True)
    assert all(mine is its for mine, its in pairs)
