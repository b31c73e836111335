"""Writes the record of a run (`models.runs`) while it trains: its state, its best epoch and its progress."""

import os
import shlex
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from models import paths, runs
from models.entry import Entry, Recipe
from models.errors import ZooError
from models.runs import Run
from training.recipe import values
from training.torchrun import launcher

EVERY = 0.5  # seconds between two writes of progress.json or run.json


class CannotResume(ZooError):
    """A run that cannot go on: its state is damaged, or its options, net or examples have changed."""


class Diverged(ZooError):
    """A training whose loss is not a number any more, or far too large."""


class Record:
    """The record of a run that is training in this process.

    resumed: whether its folder holds a state to continue from. labels: of the task. interrupted: whether it was ended
    early; reason: why, in a sentence, if not by Ctrl-C. watch: called with each row of the history of the validated
    run; it ends the run early by raising KeyboardInterrupt.
    """

    watch: Callable[[dict[str, float]], None] | None = None
    reason = ""
    labels: tuple[str, ...] = ()

    def __init__(self, run: Run, resumed: bool = False):
        self.run, self.resumed, self.interrupted = run, resumed, False
        self.folder = runs.folder(run.id)
        self._next = {"progress": 0.0, "run": 0.0}

    def is_due(self, name: str = "progress") -> bool:
        """Whether the progress, or the record, was last written long enough ago."""
        return time.monotonic() >= self._next[name]

    def progress(self, **fields: Any) -> None:
        """Write progress.json; `fields` are those of `models.runs.Progress` without `at`."""
        self._next["progress"] = time.monotonic() + EVERY
        content = runs.Progress(at=time.time(), **fields).model_dump_json()
        temporary = self.folder / f".{runs.PROGRESS}.{os.getpid()}"
        with suppress(OSError):  # of a full disk; nothing depends on it, and it is not worth waiting for the disk
            temporary.write_text(content)
            os.replace(temporary, self.folder / runs.PROGRESS)

    def best(self, row: dict[str, float], n: int, last: bool = False) -> None:
        """Record the best epoch so far. row: of the history. n: validation examples. last: write it in any case."""
        if "accuracy" in row and n:
            from training.metrics import wilson  # loads scipy, which `zoo train --help` need not wait for

            interval = wilson(round(row["accuracy"] * n), n)
            figures = {"n": n, "accuracy": row["accuracy"], "interval": interval, "loss": row.get("validation loss")}
            self.run = self.run.model_copy(update={"epoch": int(row["epoch"]), **figures})
        if last or self.is_due("run"):
            self._next["run"] = time.monotonic() + EVERY
            self.write()

    def end(self, state: str, reason: str = "") -> None:
        """Write the final state. The state files of a finished run are removed."""
        self.run = self.run.model_copy(update={"state": state, "reason": reason, "ended": time.time(), "pid": None})
        self.write()
        if state == "finished":
            self.forget()

    def forget(self) -> None:
        """Remove the files to resume from."""
        for path in self.folder.rglob("resume.safetensors"):
            path.unlink(missing_ok=True)
        for name in ("head", "head-refit"):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def write(self) -> None:
        """Write run.json; the note is the one in the file, which the user may have changed meanwhile."""
        with suppress(ZooError):
            self.run = self.run.model_copy(update={"note": runs.read(self.run.id).note})
        runs.write(self.run)


@contextmanager
def recorded(
    model: str,
    entry: Entry,
    recipe: Recipe,
    base: Recipe,
    *,
    task: str,
    seed: int,
    command: list[str],
    resume: bool = False,
    run_id: str | None = None,
    sweep: str = "",
) -> Iterator[Record]:
    """A context in which a run of `model` trains, and whose end is recorded: finished, stopped or failed.

    base: the recipe that was changed. run_id: of a queued run that starts now (default: a new run; with `resume`, the
    latest unfinished one of this model). Raises ZooError if there is such a run and it is not waiting.

    A ZooError before the first step, such as one about a data set that does not fit the task, leaves no run, except in
    a sweep, which goes on with its other runs.
    """
    made_of, unchanged = values(recipe), values(base)
    changed = {name: value for name, value in made_of.items() if unchanged.get(name) != value}
    old, resumed = _continued(model, run_id, resume)
    run = Run(
        id=old.id if old else run_id or runs.free_id(model),
        model=model,
        entry=entry.slug,
        task=task,
        seed=seed,
        recipe=made_of,
        changed=changed,
        command=command,
        state="running",
        created=old.created if old else time.time(),
        started=time.time(),
        pid=os.getpid(),
        sweep=sweep or (old.sweep if old else ""),
        note=old.note if old else "",
    )
    if old and resumed:
        _check_same(old, run)
    record = Record(run, resumed)
    (record.folder / runs.PROGRESS).unlink(missing_ok=True)
    runs.write(run)
    try:
        yield record
    except KeyboardInterrupt:
        record.end("stopped")
        raise
    except CannotResume:
        runs.write(old or run.model_copy(update={"state": "stopped", "ended": time.time(), "pid": None}))
        raise
    except BaseException as error:
        if isinstance(error, ZooError) and not run.sweep and runs.progress(run.id) is None:
            _withdraw(run, old, resumed)
            raise
        record.end("failed", sentence_of(error))
        if isinstance(error, Diverged):
            record.forget()  # it would diverge again
        raise
    record.end("stopped" if record.interrupted else "finished", record.reason)


def _withdraw(run: Run, old: Run | None, resumed: bool) -> None:
    """Undo the beginning of a run that could not start: an earlier record is restored, a state to resume from kept."""
    if old:
        runs.write(old)
    elif resumed:
        (runs.folder(run.id) / runs.RECORD).unlink(missing_ok=True)
    else:
        paths.remove_atomically(runs.folder(run.id))


@contextmanager
def failing(run_id: str | None) -> Iterator[None]:
    """A context in which an error before the training, such as an impossible option, ends the queued run `run_id`."""
    try:
        yield
    except Exception as error:
        with suppress(ZooError):
            if run_id and runs.read(run_id).state == "queued":
                runs.update(run_id, state="failed", reason=sentence_of(error), ended=time.time())
        raise


def sentence_of(error: BaseException) -> str:
    """What went wrong, in one line: the sentence of a ZooError, else the error with its type."""
    if isinstance(error, ZooError):
        return str(error)
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}"[:500] if lines else type(error).__name__


def _continued(model: str, run_id: str | None, resume: bool) -> tuple[Run | None, bool]:
    """The run to resume or to start from the queue, if there is one, and whether it has a state to continue from."""
    if run_id and (runs.folder(run_id) / runs.RECORD).exists():
        run = runs.read(run_id)
        if run.state != "queued" and not (resume and run.state in runs.UNFINISHED):
            raise ZooError(f"Run {run_id} is {run.state}; choose another id, or --resume one that was stopped.")
        return run, resume
    if run_id or not resume:
        return None, False
    run = runs.unfinished(model)
    return run, run is not None or _is_of_older_version(runs.folder(model))


def _check_same(old: Run, new: Run) -> None:
    """Raise CannotResume, with the command that resumes, if the entry, seed or recipe of a run changed."""
    changed = [name for name in ("entry", "seed") if getattr(old, name) != getattr(new, name)]
    changed += sorted(name for name, value in new.recipe.items() if value != old.recipe.get(name, value))
    if changed:
        raise CannotResume(
            f"Cannot resume: {', '.join(changed)} changed since run {old.id} started. "
            f"To continue it: {resuming(old)}. To start a new run, omit --resume."
        )


def resuming(run: Run) -> str:
    """The command that continues a run, to be pasted into a terminal."""
    return shlex.join([*launcher(), *run.command, "--resume"])


def interruption(run: Run, saved: bool = True) -> str:
    """Where Ctrl-C ended a run, what was kept, and the command that resumes it, in two lines.

    saved: whether a model was saved.
    """
    progress = runs.progress(run.id)
    if progress is None:
        where = "before the first epoch"
    else:
        place = {"validation": "", "refit": " of the second run"}.get(progress.part, f" of {progress.part}")
        where = f"in epoch {progress.epoch} of {progress.epochs}{place}"
    if not run.epoch:
        kept = "no epoch was finished, so nothing was kept"
    elif not saved:
        kept = "no model was saved"
    elif progress and progress.part == "refit":
        kept = f"the model has the weights of epoch {run.epoch} of the first run"
    else:
        kept = f"the model has the weights of epoch {run.epoch}, the best so far"
    can_resume = any(runs.folder(run.id).rglob("resume.safetensors"))
    command = resuming(run) if can_resume else resuming(run).removesuffix(" --resume")
    return f"Interrupted {where}; {kept}.\nTo {'continue' if can_resume else 'start again'}: {command}"


def _is_of_older_version(folder: Path) -> bool:
    """Whether a folder holds the state of a run but no record."""
    return not (folder / runs.RECORD).exists() and any(folder.rglob("resume.safetensors"))


def examples_folder(model: str) -> Path:
    """The folder of what is stored about the user's own examples that `model` is trained on."""
    return paths.data_home() / "examples" / model
