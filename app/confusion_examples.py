"""What lies behind the counts of a model's confusion table, made when somebody first asks for it.

A process of its own does it (`python -m training confusion-examples`): the hub imports no training, and where training's packages or the test
data are not there, the hub goes on without. What that process says of it, in the server's log, may name folders of the server.
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
PATIENCE = 1800  # seconds until it is stopped
NOT_HERE = "The test data is not on this server, or cannot be read: ZOO_DATA names where data sets lie."

_one = threading.Lock()  # one at a time: it answers thousands of inputs


def can_be_made() -> bool:
    """Whether what the process needs is installed here: what training brings, though no torch."""
    return find_spec("scipy") is not None


def make(id: str, dataset: str) -> Iterator[float]:
    """Have it made; yields the share that is done. Closing the iterator stops it. Raises ZooError where it cannot be made."""
    if not _one.acquire(blocking=False):
        raise ZooError("Somebody else's model is being asked right now; try again in a minute.")
    try:
        process = subprocess.Popen(
            # A stranger's data set may be called --help.
            [sys.executable, "-m", "training", "confusion-examples", "--", id, dataset],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        )
        late = threading.Timer(PATIENCE, process.kill)
        late.start()
        try:
            for line in process.stdout:
                done, _, count = line.partition(" ")
                yield int(done) / max(1, int(count))
            if process.wait():
                raise ZooError(NOT_HERE)
        finally:
            late.cancel()
            process.kill()
            process.wait()
    except (OSError, ValueError) as error:
        raise ZooError(NOT_HERE) from error
    finally:
        _one.release()
