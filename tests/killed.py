"""Runs a function in another process and kills it as kill -9 does, at a chosen file operation."""

import itertools
import multiprocessing
import os
import random
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

KINDS = frozenset("open os.rename os.remove os.rmdir os.mkdir os.chmod os.fsync shutil.rmtree tempfile.mkstemp".split())

# Imported once, not in each process: what training (torch imports the second when it trains) and pulling use.
IMPORTS = ["training.fit", "torch._dynamo", "huggingface_hub", "models.engines.onnx", "models.predictor"]

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(IMPORTS)


def moments(count: int, function: Callable[..., Any], *arguments: Any, home: Path) -> Iterator[int]:
    """`count` different random moments at which `killed` can kill this call, which is run once to the end.

    home: a ZOO_HOME for this run.
    """
    home.mkdir(parents=True, exist_ok=True)
    code, total = run(function, *arguments, home=home)
    assert code == 0
    yield from random.Random(0).sample(range(1, total + 1), min(count, total))


def killed(at: int, function: Callable[..., Any], *arguments: Any, home: Path) -> None:
    """Run the function in a process with this ZOO_HOME, which is killed before its file operation number `at`."""
    code, _ = run(function, *arguments, home=home, at=at)
    assert code == -signal.SIGKILL


def run(function: Callable[..., Any], *arguments: Any, home: Path, at: int = 0) -> tuple[int, int]:
    """Exit code of the process, and the number of its file operations."""
    reader, writer = _processes.Pipe(duplex=False)
    process = _processes.Process(
        target=_in_process, args=(writer, dict(os.environ), str(home), at, function, arguments)
    )
    # The process would run this one's main file first, which after a test of the pages is theirs.
    main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        process.start()
    finally:
        sys.modules["__main__"] = main
    writer.close()
    try:
        total = reader.recv()
    except EOFError:
        total = 0
    process.join()
    return process.exitcode, total


def _in_process(
    writer: Any,
    environment: dict[str, str],
    home: str,
    at: int,
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
) -> None:
    os.environ.clear()  # what the server of processes was started with may be an earlier test's
    os.environ.update(environment | {"ZOO_HOME": home})
    numbers, total = itertools.count(1), 0

    def count(event: str, details: tuple[Any, ...]) -> None:
        nonlocal total
        if event in KINDS and home in str(details[:1]):
            total = next(numbers)
            if total == at:
                os.kill(os.getpid(), signal.SIGKILL)

    fsync = os.fsync

    def counted_fsync(handle: int) -> None:
        fsync(handle)
        count("os.fsync", (home,))

    os.fsync = counted_fsync
    sys.addaudithook(count)
    function(*arguments)
    writer.send(total)
