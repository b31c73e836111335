"""The training loop of all nets. The steps of an epoch are in `training/learner.py`.

Batches come from memory on the device. Runs with the same seed, device, number of threads and library versions give the
same weights; with another number of threads, sums are rounded in another order. Nets take their inputs by name and
return (logits, features).
"""

import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from models.entry import Recipe
from models.nets.linear import MeanImages
from models.nets.trees import Trees
from models.paths import remove_temporary_files
from models.snapshots import Snapshots
from training.batches import Batches, outputs
from training.boosting import boost
from training.data.examples import Examples
from training.distributed import check_alone, from_main, shared, together
from training.events import Events
from training.history import History
from training.learner import Learner
from training.progress import Progress
from training.record import Diverged, Record
from training.snapshots import Recorder
from training.state import State
from training.torchrun import interrupt, is_main

DIVERGED = 100.0  # a loss that no net has which learns: a random guess among 1,000 labels has 7


@dataclass
class Fitted:
    """The result of a run. net: with the best weights, in evaluation mode.

    epoch: the epoch of these weights, from 1. snapshots: of a small net, until that epoch.
    """

    net: nn.Module
    epoch: int
    history: list[dict[str, float]]
    seconds: float
    interrupted: bool = False
    snapshots: Snapshots | None = None


@together()
def fit(
    net: nn.Module,
    train: Examples,
    validation: dict[str, Examples] | None,
    recipe: Recipe,
    *,
    folder: Path,
    seed: int = 0,
    device: torch.device | str = "cpu",
    stop_after: int | None = None,
    resume: bool = False,
    title: str = "training",
    record: Record | None = None,
    part: str = "validation",
) -> Fitted:
    """Train `net` in place with `recipe`; returns it with the averaged weights of the best epoch.

    validation: data set -> its validation examples; without any, the last epoch is the best.
    stop_after: stop after this many epochs, although the schedule is for `recipe.epochs`.
    folder: `history.csv` and the state for `resume` are written here after every epoch.
    title: shown in the progress bar. record: of the run, to which the progress and the best epoch are written.
    part: of the run, see `models.runs.Progress`.
    Ctrl-C keeps the best epoch so far; in the first epoch, it raises KeyboardInterrupt. Raises Diverged if the
    loss is no number or too large. The net `MeanImages` needs no training, its mean images are estimated instead;
    `Trees` are fitted by scikit-learn.
    """
    device = torch.device(device)
    checks = {name: Batches(examples, device) for name, examples in (validation or {}).items()}
    if isinstance(net, MeanImages | Trees):
        check_alone("This net is fitted to all examples at once, in one process")
        epochs = min(recipe.epochs, net.rounds) if isinstance(net, Trees) else 1
        with Progress(title, epochs, 1, record=record, part=part) as progress:
            fitted = (
                _boosted(net, train, validation, recipe, folder, seed)
                if isinstance(net, Trees)
                else _estimated(net, train, validation, folder)
            )
            for row in fitted.history:
                progress.step(row.get("loss", math.nan))
                progress.epoch(row)
        with Events(record, part, 0, len(fitted.history)) as events:
            for row in fitted.history:
                events.epoch(None, row)
            events.end(fitted.net, checks, fitted.history[-1])
        return fitted
    run = Learner(net.to(device), Batches(train, device), recipe, seed, device)
    state = State(folder / "resume.safetensors", run)
    resume = shared(state.path, resume)
    history = History(folder / "history.csv", rows=state.load() if resume else [])
    last = min(stop_after or recipe.epochs, recipe.epochs)
    recorder = Recorder(run, folder, last)
    for path in (state.path, history.path, recorder.path):
        remove_temporary_files(path)  # of a run that was killed
    recorder.start(resume)
    run.after_step = recorder.step
    interrupted, done = False, len(history.rows)
    with Events(record, part, done, last) as events:
        events.start(run)
        started = time.perf_counter() - (history.rows[-1]["seconds"] if history.rows else 0)
        try:
            with Progress(title, last, run.steps_an_epoch, done, record, part) as progress:
                for epoch in range(done + 1, last + 1):
                    if run.is_out_of_patience(history.rows):
                        break
                    row = {"epoch": epoch, "loss": run.epoch(progress)}
                    is_measured = run.is_measured(epoch, last)
                    if is_measured:
                        row |= from_main(lambda: run.validate(checks))
                    _check_convergence(row, recipe)
                    if is_measured:
                        row["train accuracy"] = from_main(run.train_accuracy)
                    row["lr"] = run.lr
                    row["seconds"] = round(time.perf_counter() - started, 2)
                    history.add(row)
                    if is_measured:
                        run.keep(epoch, row)
                    recorder.epoch(epoch)
                    if is_main():
                        state.save(history.rows)
                    progress.epoch(row)
                    events.epoch(run, row)
                    if record and is_measured and checks and part == "validation":
                        record.best(history.rows[run.best_epoch - 1], sum(map(len, checks.values())))
                        if record.watch:
                            record.watch(row)
        except KeyboardInterrupt:
            if not run.best_epoch:
                raise
            interrupted = True
            interrupt()
        run.net.load_state_dict(run.best)
        seconds = time.perf_counter() - started
        events.end(run.net.eval(), checks, history.rows[run.best_epoch - 1])
    return Fitted(run.net, run.best_epoch, history.rows, seconds, interrupted, recorder.until(run.best_epoch))


def _boosted(
    net: Trees, train: Examples, validation: dict[str, Examples] | None, recipe: Recipe, folder: Path, seed: int
) -> Fitted:
    """The fitted net of trees: all rounds at once, without a state to resume from."""
    started = time.perf_counter()
    rows = boost(net, train, validation, recipe, seed)
    seconds = round(time.perf_counter() - started, 2)
    history = History(folder / "history.csv", rows=[])
    for row in rows:
        history.add({**row, "seconds": round(seconds * row["epoch"] / len(rows), 2)})
    return Fitted(net.eval(), len(rows), history.rows, seconds)


def _estimated(net: MeanImages, train: Examples, validation: dict[str, Examples] | None, folder: Path) -> Fitted:
    """The fitted net that needs no training: one pass over the examples gives the mean images."""
    started = time.perf_counter()
    net.estimate(torch.from_numpy(train.inputs["x"]), torch.from_numpy(train.labels))
    row: dict[str, float] = {"epoch": 1}
    if validation:
        right = {}
        for name, examples in validation.items():
            logits, _ = outputs(net, Batches(examples, torch.device("cpu")))
            right[name] = logits.argmax(dim=1).numpy() == examples.labels
        row["accuracy"] = float(np.concatenate(list(right.values())).mean())
        row |= {f"accuracy {name}": float(each.mean()) for name, each in right.items()}
    row["seconds"] = round(time.perf_counter() - started, 2)
    History(folder / "history.csv", rows=[]).add(row)
    return Fitted(net.eval(), 1, [row], time.perf_counter() - started)


def _check_convergence(row: dict[str, float], recipe: Recipe) -> None:
    """Raise Diverged if the losses of an epoch, in its row of the history, show that the training diverges."""
    for name in ("loss", "validation loss"):
        if not (math.isfinite(row.get(name, 0.0)) and row.get(name, 0.0) < DIVERGED):
            value = "NaN" if math.isnan(row[name]) else f"{row[name]:.3g}"
            where = f"epoch {row['epoch']}: {name} is {value}"
            raise Diverged(f"The training diverged at {where}; try a smaller --lr than {recipe.lr:g}.")
