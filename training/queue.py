"""A queue of training runs and sweeps, which a separate process runs one at a time.

A queued run is a record in ZOO_HOME/runs (`models/runs.py`), a queued sweep a folder in ZOO_HOME/sweeps with a file
WAITING. The worker (`python -m training work`) is a detached process that holds a lock, runs them in the order in which
they were added, each as a `zoo train` or `zoo sweep` of its own, and ends when none is left. It outlives the process
that started it, such as the server of the pages.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import typer
from filelock import FileLock, Timeout

from models import catalog, paths, runs, sweeps
from models.errors import ZooError
from models.process import is_running
from models.runs import Run
from models.sweeps import Sweep
from training import recipe as recipes
from training.cli.train import train
from training.naming import free_name

ROOT = Path(__file__).parents[1]
MAX_QUEUED = 200  # runs
LOG = "output.txt"  # what a run printed
WAITING, TRAINING = "waiting", "training"  # files of a sweep in the queue; the second holds the process' number
STOP = "stop"  # a file that asks the worker to end a run or sweep; its content is "keep" or "discard"
STARTING = 2.0  # seconds for which a new worker waits for the lock of one that is about to end
LOOK = 0.2  # seconds between two looks at a run
MAX_REASON = 300  # characters


def enqueue(command: Sequence[str], sweep: str = "") -> Run:
    """Add the run of `zoo train COMMAND...` to the queue and make sure that a worker runs; returns its record.

    sweep: the sweep it belongs to. Raises ZooError for arguments that `zoo train` would refuse, and if the queue is
    full.
    """
    _check_length()
    run = _record(list(command), sweep)
    runs.write(run)
    start_worker()
    return run


def enqueue_sweep(sweep: Sweep) -> None:
    """Add a sweep to the queue and make sure that a worker runs. Raises ZooError if the queue is full."""
    _check_length()
    sweeps.write(sweep)
    paths.write_atomically(sweeps.folder_of(sweep.name) / WAITING, "")
    start_worker()


def _check_length() -> None:
    if len(queued()) + len(queued_sweeps()) >= MAX_QUEUED:
        raise ZooError(f"{MAX_QUEUED} runs are already waiting; wait until some have ended, or remove some.")


def queued() -> list[Run]:
    """The runs that wait, in the order in which they will be started."""
    waiting = (run for run in runs.runs() if run.state == "queued" and not is_of_queue(run.id))
    return sorted(waiting, key=lambda run: (run.created, run.id))


def queued_sweeps() -> list[Sweep]:
    """The sweeps that wait, in the order in which they will be started."""
    waiting = (sweep for sweep in sweeps.sweeps() if (sweeps.folder_of(sweep.name) / WAITING).exists())
    return sorted(waiting, key=lambda sweep: sweep.created)


def state_of_sweep(name: str) -> Literal["queued", "running", "ended"]:
    """Whether a sweep waits in the queue, trains, or does neither."""
    folder = sweeps.folder_of(name)
    if (folder / WAITING).exists():
        return "queued"
    with suppress(OSError, ValueError):
        if is_running(int((folder / TRAINING).read_text(encoding="utf-8"))):
            return "running"
    return "ended"


def stop_sweep(name: str) -> None:
    """End a sweep of the queue; the runs that have finished stay. One that still waits is removed.

    A late click, on a sweep that has ended or is removed, changes nothing.
    """
    folder, state = sweeps.folder_of(name), state_of_sweep(name)
    if state == "queued":
        paths.remove_atomically(folder)
    elif state == "running":
        paths.write_atomically(folder / STOP, "keep")


def stop(id: str, keep: bool) -> None:
    """End a run of the queue: keep the best epoch so far as a model, or discard everything.

    One that still waits is removed. The worker does the rest, within a second. A late click, on a run that has ended or
    is removed, changes nothing: the file would stop the next run of this id.
    """
    run = runs.find(id)
    if run is None or run.state not in ("queued", "running"):
        return
    if not is_of_queue(id):
        if run.state == "queued":
            runs.remove(id)
    elif stopping(id) != "discard":
        paths.write_atomically(runs.folder(id) / STOP, "keep" if keep else "discard")


def stopping(id: str) -> Literal["", "keep", "discard"]:
    """Whether a run has been asked to end, and how."""
    return _asked(runs.folder(id))


def _asked(folder: Path) -> Literal["", "keep", "discard"]:
    with suppress(OSError):
        return "discard" if (folder / STOP).read_text(encoding="utf-8") == "discard" else "keep"
    return ""


def is_of_queue(id: str) -> bool:
    """Whether a run was started by the worker, so that `stop` can end it. It is still "queued" for some seconds."""
    return (runs.folder(id) / LOG).exists()


def start_worker() -> None:
    """Start a worker; it ends at once if another one is at work."""
    subprocess.Popen(
        [sys.executable, "-m", "training", "work"],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def is_working() -> bool:
    """Whether a worker is at work."""
    lock = _lock()
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def work() -> None:
    """Run the queued runs in order, until none is left. Ends at once if another process does so."""
    # With a handler, a `zoo train` gets the default one; if Ctrl-C is ignored here, it would ignore it too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    while _next():  # again after the lock is released: a worker that was started meanwhile has not got it
        try:
            with _lock().acquire(timeout=STARTING):
                _reset()
                while item := _next():
                    _sweep(item) if isinstance(item, Sweep) else _train(item)
        except Timeout:
            return


def _next() -> Run | Sweep | None:
    """The run or sweep that was added first, of those that wait."""
    return min([*queued()[:1], *queued_sweeps()[:1]], key=lambda item: item.created, default=None)


def _reset() -> None:
    """Let what a worker that was killed had begun to start wait again."""
    for run in runs.runs():
        if run.state == "queued":
            (runs.folder(run.id) / LOG).unlink(missing_ok=True)


def _lock() -> FileLock:
    folder = paths.data_home() / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    return FileLock(folder / ".queue.lock")


def _environment() -> dict[str, str]:
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path}


def _train(run: Run) -> None:
    """Run one of the queue and wait until it has ended."""
    words = ["-m", "training", "train", *run.command, "--run-id", run.id]
    code, asked = _run([*words, "--sweep", run.sweep] if run.sweep else words, runs.folder(run.id))
    if asked == "discard":
        _discard(run)
    else:
        _close(run, code)


def _sweep(sweep: Sweep) -> None:
    """Run a sweep of the queue and wait until it has ended."""
    folder = sweeps.folder_of(sweep.name)
    try:
        os.replace(folder / WAITING, folder / TRAINING)
    except OSError:  # it was removed meanwhile
        return
    _run(["-m", "app.cli", "sweep", "--resume", sweep.name], folder, folder / TRAINING)
    for name in (TRAINING, STOP):
        (folder / name).unlink(missing_ok=True)


def _run(words: list[str], folder: Path, number: Path | None = None) -> tuple[int, str]:
    """Run a command of Python until it ends or is asked to; returns its exit code, and how it was asked to end.

    folder: of its output, and of the file that asks. number: a file for the number of the process.
    """
    with open(folder / LOG, "wb") as log:
        process = subprocess.Popen(
            [sys.executable, *words], env=_environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
        if number:
            paths.write_atomically(number, str(process.pid))
        asked = ""
        while process.poll() is None:
            wanted = _asked(folder)
            if wanted and asked not in (wanted, "discard"):  # what is being kept can still be discarded
                asked = wanted
                process.kill() if asked == "discard" else process.send_signal(signal.SIGINT)
            time.sleep(LOOK)
    return process.returncode, asked


def _discard(run: Run) -> None:
    """Remove a run, and the model that it has saved; an earlier model of the same name stays."""
    with suppress(ZooError, OSError):  # there may be no model yet
        model, started = catalog.find(run.model), runs.read(run.id).started
        if model.origin == "mine" and started and (model.path / "config.json").stat().st_mtime >= started:
            catalog.remove(run.model)  # with its runs
    with suppress(ZooError):
        runs.remove(run.id)


def _close(run: Run, code: int) -> None:
    """Complete the record of a run whose process has ended without doing so."""
    (runs.folder(run.id) / STOP).unlink(missing_ok=True)
    with suppress(ZooError):  # it was removed meanwhile
        run = runs.read(run.id)
        if run.state in ("finished", "stopped") or (run.state == "failed" and run.reason != runs.GONE):
            return
        state = "stopped" if code in (130, -signal.SIGINT) else "failed"
        reason = "" if state == "stopped" else _last_line(run.id) or f"The process ended with exit code {code}."
        runs.write(run.model_copy(update={"state": state, "reason": reason, "ended": time.time()}))


def _last_line(id: str) -> str:
    lines = (runs.folder(id) / LOG).read_text(encoding="utf-8", errors="replace").splitlines()
    return next((line.strip() for line in reversed(lines) if line.strip()), "")[:MAX_REASON]


def _record(command: list[str], sweep: str) -> Run:
    values = _parsed(command)
    if not values["entry"]:
        raise ZooError("A run of the queue needs an entry; name one, such as mnist-cnn.")
    entry = catalog.entry(values["entry"])
    name = free_name(values["slug"] or f"{entry.slug}-mine")
    recipe = recipes.changed(entry, {option: values[option] for option in recipes.options()})
    before, after = recipes.values(entry.recipe), recipes.values(recipe)
    return Run(
        id=runs.free_id(name),
        model=name,
        entry=entry.slug,
        task=entry.task,
        seed=values["seed"] or 0,
        recipe=after,
        changed={option: value for option, value in after.items() if value != before[option]},
        command=command,
        state="queued",
        created=time.time(),
        sweep=sweep,
    )


def _parsed(command: list[str]) -> dict[str, Any]:
    """The arguments of `zoo train` by name. Raises ZooError for wrong usage."""
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command()(train)
    try:
        return typer.main.get_command(alone).make_context("zoo train", list(command)).params
    except typer.TyperException as error:
        raise ZooError(error.format_message()) from None
