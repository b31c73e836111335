"""Starts several processes with the environment that torchrun gives them, without the seconds that its start takes."""

import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.killed import IMPORTS

PATIENCE = 240  # seconds, on a loaded machine

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(IMPORTS)


class Together:
    """`count` processes that call the same function; what each prints goes to the file `output-<rank>` in `folder`."""

    def __init__(self, count: int, folder: Path, function: Callable[..., Any], *arguments: Any):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.outputs = [folder / f"output-{rank}" for rank in range(count)]
        self.processes = []
        # The processes would run this one's main file first.
        main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
        try:
            for rank, output in enumerate(self.outputs):
                environment = dict(os.environ) | {
                    "TORCHELASTIC_RUN_ID": "test",
                    "RANK": str(rank),
                    "LOCAL_RANK": str(rank),
                    "WORLD_SIZE": str(count),
                    "LOCAL_WORLD_SIZE": str(count),
                    "MASTER_ADDR": "127.0.0.1",
                    "MASTER_PORT": str(port),
                    "OMP_NUM_THREADS": "1",
                }
                process = _processes.Process(target=_in_process, args=(environment, output, function, arguments))
                process.start()
                self.processes.append(process)
        finally:
            sys.modules["__main__"] = main

    def wait_for(self, path: Path) -> None:
        """Wait until a file exists; fails if a process ends before."""
        end = time.monotonic() + PATIENCE
        while not path.exists():
            assert all(process.is_alive() for process in self.processes), self.printed()
            assert time.monotonic() < end
            time.sleep(0.05)

    def signal(self, number: int, *ranks: int) -> None:
        """Send a signal to some processes."""
        for rank in ranks:
            os.kill(self.processes[rank].pid, number)

    def codes(self) -> list[int]:
        """The exit codes, when all have ended."""
        for process in self.processes:
            process.join(PATIENCE)
            assert process.exitcode is not None, self.printed()
        return [process.exitcode for process in self.processes]

    def printed(self) -> list[str]:
        """What each process has printed so far."""
        return [output.read_text() if output.exists() else "" for output in self.outputs]

    def __enter__(self) -> "Together":
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.kill()
            process.join()


def _in_process(environment: dict[str, str], output: Path, function: Callable[..., Any], arguments: Any) -> None:
    os.environ.clear()  # what the server of processes was started with may be an earlier test's
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    file = os.open(output, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", buffering=1, closefd=False) for number in (1, 2))
    sys.exit(function(*arguments))
