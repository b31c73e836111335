"""Records of training runs: the settings, results and curves of each run.

Each run has a folder of its own, `ZOO_HOME/runs/<run id>/`:

    run.json              its record, `Run`
    progress.json         where it stands, `Progress`; rewritten at most twice a second while it runs
    validated/            history.csv of the run with the validation set held out; until it is finished, its state
    refit/                the same, of the run on the training and validation sets together
    events.out.tfevents*  for TensorBoard, if it is installed

The first run of a model has the model's id, further ones `<id>-2`, `<id>-3`. Nothing here imports torch.
"""

import csv
import math
import re
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from difflib import get_close_matches
from itertools import count
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models import paths
from models.errors import ZooError, printable
from models.process import is_running
from models.task import SLUG

RECORD, PROGRESS = "run.json", "progress.json"
MAX_BYTES = 1_000_000  # of a record
MAX_ROWS = 100_000  # of a curve
MAX_NOTE = 2_000  # characters
PARTS = {"validated": "validation", "refit": "refit"}  # folder -> part of a curve
GONE = "The process ended early: it was killed, or the machine was switched off."
Share = Annotated[float, Field(ge=0, le=1)]
State = Literal["queued", "running", "finished", "stopped", "failed"]
UNFINISHED = ("stopped", "failed")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


class Run(_Strict):
    """A training run.

    model: the id of the model that it makes. recipe: every hyperparameter by name, those of the augmentation too.
    changed: the hyperparameters that differ from the entry's recipe. command: the arguments of `zoo train` that repeat
    the run. reason: why it failed, in a sentence. created, started, ended: Unix seconds.
    epoch: the best one so far; n, accuracy, interval (95%) and loss: of the averaged weights of that epoch on the
    validation set; None while unknown. sweep: the one it belongs to. note: the user's.
    A run that was stopped may have saved a model.
    """

    id: str = Field(pattern=SLUG)
    model: str = Field(max_length=300)
    entry: str = Field(max_length=300)
    task: str = Field(max_length=300)
    seed: int
    recipe: dict[str, Any]
    changed: dict[str, Any] = {}
    command: list[str] = []
    state: State
    reason: str = ""
    created: float
    started: float | None = None
    ended: float | None = None
    pid: int | None = None
    epoch: int | None = None
    n: int | None = None
    accuracy: Share | None = None
    interval: tuple[float, float] | None = None
    loss: float | None = None
    sweep: str = ""
    note: str = ""

    @property
    def seconds(self) -> float | None:
        """How long it ran, or has been running; None before it starts."""
        if self.started is None:
            return None
        return (self.ended if self.ended is not None else time.time()) - self.started


class Progress(_Strict):
    """The progress of a run.

    part: "validation", "refit", "head", "round 2 of 5" or "all examples". step, steps: batches of this epoch.
    loss: of the last batch; lr: of the last step. seconds_left: of this part; None while unknown. at: Unix seconds.
    """

    part: str
    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float | None
    lr: float | None
    seconds_left: float | None
    at: float


def folder(id: str) -> Path:
    """The folder of a run. Raises ZooError if `id` cannot be the id of one."""
    if not re.fullmatch(SLUG, id):
        raise ZooError(f"There is no run {printable(id)!r:.120}; see zoo runs.")
    return _root() / id


def runs() -> list[Run]:
    """All runs, the newest first. Damaged records are left out; the process of a running one is looked for."""
    found = (_read(path.parent) for path in paths.listed(_root(), f"*/{RECORD}"))
    return sorted((run for run in found if run), key=lambda run: (-run.created, run.id))


def of_model(model: str) -> list[Run]:
    """The runs of a model, the newest first."""
    return [run for run in runs() if run.model == model]


def folders_of(model: str) -> list[Path]:
    """The folders of the runs of a model, and the one with its id if an older version wrote it, without a record."""
    folders = [folder(run.id) for run in of_model(model)]
    older = [path for path in paths.listed(_root()) if path.name == model and path.is_dir()]
    return folders + [path for path in older if not (path / RECORD).is_file()]


def read(id: str) -> Run:
    """The record of a run. Raises ZooError with similar ids if there is none, or if it is damaged."""
    where = folder(id)
    run = _read(where)
    if run:
        return run
    if (where / RECORD).exists():
        raise ZooError(f"The record of run {id}, {where / RECORD}, is damaged; zoo runs remove {id} removes the run.")
    similar = get_close_matches(id, [run.id for run in runs()], n=3)
    hint = f"did you mean {' or '.join(similar)}?" if similar else "see zoo runs."
    raise ZooError(f"There is no run {id!r:.120}; {hint}")


def find(id: str) -> Run | None:
    """The record of a run; None if there is none, or if it is damaged."""
    return _read(folder(id))


def write(run: Run) -> None:
    """Write the record of a run, atomically."""
    paths.write_atomically(folder(run.id) / RECORD, run.model_dump_json(indent=1))


def update(id: str, **changes: Any) -> Run:
    """Change fields of the record of a run and return it."""
    run = Run.model_validate({**read(id).model_dump(), **changes})
    write(run)
    return run


def annotate(id: str, note: str) -> Run:
    """Set the note of a run; "" removes it. Raises ZooError if it is too long."""
    if len(note) > MAX_NOTE:
        raise ZooError(f"The note has {len(note):,} characters; at most {MAX_NOTE:,} are allowed.")
    return update(id, note=note.strip())


def remove(id: str) -> None:
    """Remove a run with its files; its model stays. Raises ZooError if there is none, or if it is running."""
    where = folder(id)
    if not (where / RECORD).exists():
        read(id)  # raises
    run = _read(where)
    if run and run.state == "running":
        raise ZooError(f"Run {id} is still running (process {run.pid}); stop it first.")
    paths.remove_atomically(where)


def free_id(model: str, taken: Collection[str] = ()) -> str:
    """The id of the next run of `model`: that of the model if it is free, else with the next number.

    taken: ids that are not free either.

    A folder without a record, from a version of the Zoo that wrote none, is free; one of a shipped model's run is not.
    """
    first = folder(model)
    if model not in taken and not any((first / name).exists() for name in (RECORD, "key")):
        return model
    ids = (f"{model[: 99 - len(str(number))]}-{number}" for number in count(2))
    return next(id for id in ids if id not in taken and not (_root() / id).exists())


def unfinished(model: str) -> Run | None:
    """The latest run of `model` that was stopped or failed and can be resumed; None if there is none."""
    for run in of_model(model):
        if run.state in UNFINISHED and any(folder(run.id).rglob("resume.safetensors")):
            return run
    return None


def curve(id: str) -> list[dict[str, Any]]:
    """The rows of a run's curves, one per epoch, those of the validated run first; [] before the first epoch.

    Each has `part` ("validation" or "refit") and numbers: epoch, loss, seconds, and where they were measured lr,
    train accuracy, validation loss, accuracy.
    """
    where = folder(id)
    return [{"part": part, **row} for name, part in PARTS.items() for row in _rows(where / name / "history.csv")]


def progress(id: str) -> Progress | None:
    """The progress of a run; None before its first step, and for a damaged file."""
    text = _text(folder(id) / PROGRESS)
    if text is None:
        return None
    with suppress(ValidationError):
        return Progress.model_validate_json(text)
    return None


def _root() -> Path:
    return paths.data_home() / "runs"


def _read(where: Path) -> Run | None:
    """The record in a folder, None if there is none or it is damaged or names another folder."""
    text = _text(where / RECORD)
    if text is None:
        return None
    try:
        run = Run.model_validate_json(text)
    except ValidationError:
        return None
    if run.id != where.name:
        return None
    if run.state == "running" and not (run.pid and is_running(run.pid, run.started)):
        last = progress(run.id)
        ended = last.at if last else run.started
        return run.model_copy(update={"state": "failed", "reason": GONE, "ended": ended})
    return run


def _text(path: Path) -> bytes | None:
    with suppress(OSError), path.open("rb") as file:
        text = file.read(MAX_BYTES + 1)
        return text if len(text) <= MAX_BYTES else None
    return None


def _rows(path: Path) -> Iterator[dict[str, float]]:
    """The numbers of a history.csv, one dict per row; cells that are empty or no number are left out."""
    try:
        with path.open(newline="", errors="replace") as file:
            for number, cells in enumerate(csv.DictReader(file)):
                if number == MAX_ROWS:
                    return
                row = {name: value for name, cell in cells.items() if (value := _number(cell)) is not None and name}
                if "epoch" in row:
                    yield row
    except (OSError, csv.Error):
        return


def _number(cell: object) -> float | None:
    with suppress(TypeError, ValueError):
        value = float(cell)
        return value if math.isfinite(value) else None
    return None
