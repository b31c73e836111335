"""What lies behind the counts of a model's confusion table, made when somebody first asks for it.

A process of its own does it (`python -m training cells`): the hub imports no training, and where training's packages or the test
data are not there, that process says so and the hub goes on without.
"""

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from models.errors import ZooError

ROOT = Path(__file__).parents[1]
LONGEST = 500  # letters of what the process says

_one = threading.Lock()  # one at a time: it answers thousands of inputs


def make(id: str, dataset: str) -> Iterator[float]:
    """Have it made; yields the share that is done. Closing the iterator stops it. Raises ZooError where it cannot be made."""
    if not _one.acquire(blocking=False):
        raise ZooError("Somebody else's model is being asked right now; try again in a minute.")
    process = None
    try:
        with tempfile.TemporaryFile("w+") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "training", "cells", id, dataset],
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
            )
            for line in process.stdout:
                done, _, count = line.partition(" ")
                yield int(done) / max(1, int(count))
            if process.wait():
                said.seek(0)
                lines = said.read().splitlines() or ["It was stopped."]
                raise ZooError(lines[-1][:LONGEST])
    except (OSError, ValueError) as error:
        raise ZooError("The test data could not be asked for; the server's log says why.") from error
    finally:
        if process is not None and process.poll() is None:
            process.kill()
            process.wait()
        _one.release()
