"""Sweeps: which settings each one tries, and the runs that belong to it. `training/sweeps` runs them.

A sweep is a folder, ZOO_HOME/sweeps/<name>, with `sweep.json` and, for a search, Optuna's journal. Its runs are
ordinary runs (`models/runs.py`) that name it.
"""

import csv
import io
import shlex
import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from models import paths, runs
from models.errors import ZooError
from models.runs import Run

FILE = "sweep.json"
METRICS = {"accuracy": "accuracy", "val_loss": "loss"}  # metric -> the figure of a run


class Sweep(BaseModel):
    """One sweep.

    settings: hyperparameter -> the text typed for it, such as "0.01,0.1" or "0.001..0.1". names: the hyperparameters
    that differ between the runs. search: the number of settings drawn by Optuna, None for all combinations.
    examples: the path of the user's own examples. columns: the headings chosen for a CSV of them.
    data, device: as in `zoo train`; data is absolute, because a worker on a cluster has another working directory.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    entry: str
    settings: dict[str, str]
    names: tuple[str, ...]
    seeds: int
    search: int | None = None
    metric: Literal["accuracy", "val_loss"] = "accuracy"
    examples: str | None = None
    columns: dict[str, str | None] = {}
    data: Path | None = None
    device: str | None = None
    created: float


@dataclass(frozen=True)
class Row:
    """The runs of one setting, one per seed.

    accuracy, loss: of the validation set, means over the finished runs; spread: standard deviation of the accuracies,
    None for fewer than two. Without a finished run, all three are None.
    """

    settings: dict[str, Any]
    runs: tuple[Run, ...]

    @property
    def finished(self) -> list[Run]:
        """The runs that have figures."""
        return [run for run in self.runs if run.state == "finished" and run.accuracy is not None]

    @property
    def accuracy(self) -> float | None:
        """The mean accuracy."""
        return statistics.fmean(run.accuracy for run in self.finished) if self.finished else None

    @property
    def spread(self) -> float | None:
        """The standard deviation of the accuracies."""
        return statistics.stdev(run.accuracy for run in self.finished) if len(self.finished) > 1 else None

    @property
    def loss(self) -> float | None:
        """The mean loss; None if a run has none."""
        losses = [run.loss for run in self.finished]
        return statistics.fmean(losses) if losses and None not in losses else None

    @property
    def seconds(self) -> float:
        """The training time of all runs."""
        return sum(run.ended - run.started for run in self.runs if run.ended and run.started)

    @property
    def state(self) -> str:
        """The outcome of the runs: "finished", or the state and reason of the first that did not finish."""
        other = next((run for run in self.runs if run.state != "finished"), None)
        return "finished" if other is None else f"{other.state}: {other.reason}" if other.reason else other.state


def folder_of(name: str) -> Path:
    """The folder of a sweep."""
    return paths.data_home() / "sweeps" / name


def write(sweep: Sweep) -> None:
    """Write the sweep's file, atomically."""
    paths.write_atomically(folder_of(sweep.name) / FILE, sweep.model_dump_json(indent=1))


def read(name: str) -> Sweep:
    """The sweep of this name. Raises ZooError if there is none, or its file is damaged."""
    known = {sweep.name: sweep for sweep in sweeps()}
    if name not in known:
        names = ", ".join(known) or "none yet"
        raise ZooError(f"There is no sweep {name!r:.80}; sweeps on this machine: {names}.")
    return known[name]


def sweeps() -> list[Sweep]:
    """All sweeps, the newest first; damaged ones are left out."""
    found = []
    for path in paths.listed(paths.data_home() / "sweeps", f"*/{FILE}"):
        try:
            sweep = Sweep.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            continue
        if sweep.name == path.parent.name:
            found.append(sweep)
    return sorted(found, key=lambda sweep: -sweep.created)


def free_name(entry: str) -> str:
    """A name for a new sweep of `entry`: "mnist-cnn-sweep", or "mnist-cnn-sweep-2" if that is taken."""
    taken = {path.name for path in paths.listed(paths.data_home() / "sweeps")}
    name, number = f"{entry}-sweep", 1
    while name in taken:
        number += 1
        name = f"{entry}-sweep-{number}"
    return name


def rows(sweep: Sweep, all_runs: Sequence[Run] | None = None) -> list[Row]:
    """The results, one row per setting: the best first, those without figures last.

    all_runs: those to choose from (default: all on this machine).
    """
    groups: dict[tuple, list[Run]] = defaultdict(list)
    for run in runs.runs() if all_runs is None else all_runs:
        if run.sweep == sweep.name:
            groups[key(sweep, run.recipe)].append(run)
    found = [
        Row(dict(zip(sweep.names, key, strict=True)), tuple(sorted(group, key=lambda run: run.seed)))
        for key, group in groups.items()
    ]
    return sorted(found, key=lambda row: _rank(row, sweep.metric))


def best(sweep: Sweep, of: Sequence[Row]) -> Row | None:
    """The best setting of which all seeds have finished; None if there is none yet."""
    return next((row for row in of if len(row.finished) == sweep.seeds), None)


def command(row: Row) -> str:
    """The command that trains a model with a row's settings, with its first seed."""
    return shlex.join(["zoo", "train", *row.runs[0].command])


def to_csv(sweep: Sweep, of: Sequence[Row]) -> str:
    """The results as CSV, one line per run."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*sweep.names, "seed", "accuracy", "val_loss", "epoch", "seconds", "state", "reason", "run"])
    for row in of:
        for run in row.runs:
            seconds = round(run.ended - run.started, 1) if run.ended and run.started else ""
            settings = [value_text(value) for value in row.settings.values()]
            figures = ["" if value is None else value for value in (run.accuracy, run.loss, run.epoch)]
            writer.writerow([*settings, run.seed, *figures, seconds, run.state, run.reason, run.id])
    return text.getvalue()


def value_text(value: Any) -> str:
    """A hyperparameter's value as text: as it is typed on the command line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else "" if value is None else str(value)


def _rank(row: Row, metric: str) -> tuple[bool, float, float]:
    """Best first. Equal accuracies are ordered by loss."""
    accuracy, loss = row.accuracy, row.loss
    if accuracy is None:
        return (True, 0.0, 0.0)
    loss = float("inf") if loss is None else loss
    return (False, -accuracy, loss) if metric == "accuracy" else (False, loss, -accuracy)


def key(sweep: Sweep, recipe: dict[str, Any]) -> tuple[Any, ...]:
    """What distinguishes the settings of a sweep: the values of its hyperparameters in a recipe."""
    found = (recipe.get(name) for name in sweep.names)
    return tuple(tuple(value) if isinstance(value, list) else value for value in found)
