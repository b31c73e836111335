"""A training run that is killed at any moment loses at most the epoch at hand."""

import json
import os
from dataclasses import replace
from pathlib import Path

from safetensors import safe_open

from models.entry import Augment
from tests.killed import killed, moments
from tests.training.test_fit import RECIPE, _fit, _same
from training.learner import Learner

MOMENTS = 4
EPOCHS = replace(RECIPE, epochs=3, augment=Augment(elastic=0.5))

FILES = ["history.csv", "resume.safetensors", "snapshots.safetensors"]


def train(folder: Path) -> None:
    """Train, and append a byte to the file `epochs` at the beginning of every epoch."""
    epoch, log = Learner.epoch, os.open(folder.with_name("epochs"), os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    def counted(run, progress):
        os.write(log, b".")
        return epoch(run, progress)

    Learner.epoch = counted
    _fit(folder, EPOCHS)


def saved_epochs(folder: Path) -> int:
    """The number of epochs in the state; 0 if there is none."""
    if not (folder / "resume.safetensors").exists():
        return 0
    with safe_open(folder / "resume.safetensors", framework="np") as file:
        return len(json.loads(file.metadata()["state"])["rows"])


def test_a_killed_run_loses_at_most_an_epoch_and_resumes_to_the_same_history(tmp_path):
    whole = _fit(tmp_path / "whole", EPOCHS)
    for at in moments(MOMENTS, train, tmp_path / "count" / "run", home=tmp_path / "count"):
        home = tmp_path / str(at)
        folder = home / "run"
        home.mkdir()
        killed(at, train, folder, home=home)
        begun = (home / "epochs").stat().st_size if (home / "epochs").exists() else 0
        assert saved_epochs(folder) >= begun - 1
        resumed = _fit(folder, EPOCHS, resume=True)
        assert _same(whole, resumed), at
        assert [without_time(row) for row in resumed.history] == [without_time(row) for row in whole.history]
        assert sorted(path.name for path in folder.iterdir()) == FILES


def without_time(row: dict) -> dict:
    """The row of a history without the seconds it took."""
    return {name: value for name, value in row.items() if name != "seconds"}
