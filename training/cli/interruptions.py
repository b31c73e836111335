"""What `zoo train` prints after Ctrl-C, and whether there is a run to resume."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from models import runs
from models.errors import ZooError
from training.record import interruption


@contextmanager
def interruptions(name: str) -> Iterator[None]:
    """A context in which Ctrl-C before anything is saved prints where it came and how to resume; exit code 130."""
    try:
        yield
    except KeyboardInterrupt:
        if not print_interruption(name, saved=False):
            print("Interrupted before anything was saved.", file=sys.stderr)
        raise typer.Exit(130) from None


def print_interruption(name: str, saved: bool = True) -> bool:
    """Print where the latest run of a model was interrupted, if it was; returns whether it was.

    saved: whether its model was.
    """
    latest = max(runs.of_model(name), key=lambda run: run.started or 0, default=None)
    if latest is None or latest.state != "stopped":
        return False
    print(interruption(latest, saved), file=sys.stderr)
    return True


def check_resumable(name: str) -> None:
    """Raise ZooError if there is no run to resume."""
    if runs.unfinished(name):
        return
    latest = next((run for run in runs.of_model(name) if run.state != "queued"), None)
    if latest and latest.state == "finished":
        raise ZooError(
            f"The last run of {name} is finished, so there is nothing to resume; omit --resume to train again."
        )
    if not any(runs.folder(name).rglob("resume.safetensors")):
        raise ZooError(f"There is no interrupted run of {name} to resume; omit --resume to start one, or see zoo runs.")
