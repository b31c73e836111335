"""The examples behind the counts of a model's confusion matrix, made when they are first requested.

A separate process makes them (`python -m training confusion-examples`), since the hub does not import `training` and
works without its packages and the test data. The process's own messages go to the server's log, as they may name
folders of the server.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from models.errors import ZooError

ROOT = Path(__file__).parents[1]
TIMEOUT = 1800  # seconds
UNAVAILABLE = "The test data is missing or cannot be read on this server; set ZOO_DATA to the folder of data sets."

_making = threading.Lock()  # one process at a time: it predicts thousands of inputs


def can_be_made() -> bool:
    """Whether the packages that the process needs are installed: those of training, without torch."""
    return find_spec("scipy") is not None


def make(id: str, dataset: str) -> Iterator[float]:
    """Make the examples; yields the share done.

    Closing the iterator stops it. Raises ZooError if they cannot be made.
    """
    if not _making.acquire(blocking=False):
        raise ZooError("The examples of another model are being prepared; try again in a minute.")
    try:
        process = subprocess.Popen(
            # A data set of an untrusted model may be called --help.
            [sys.executable, "-m", "training", "confusion-examples", "--", id, dataset],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        )
        timer = threading.Timer(TIMEOUT, process.kill)
        timer.start()
        try:
            for line in process.stdout:
                done, _, count = line.partition(" ")
                yield int(done) / max(1, int(count))
            if process.wait():
                raise ZooError(UNAVAILABLE)
        finally:
            timer.cancel()
            process.kill()
            process.wait()
    except (OSError, ValueError) as error:
        raise ZooError(UNAVAILABLE) from error
    finally:
        _making.release()
