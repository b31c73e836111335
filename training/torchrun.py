"""The processes of one training that torchrun starts: which of them this is, and how they begin and end together.

Each process has a rank. That of rank 0, the main one, does everything that a single process does; the others only take
their share of each batch (`training/distributed.py`), write nothing and print nothing. If several of them meet an
error, one sentence is printed. Nothing here imports torch unless there is more than one process.
"""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from typing import Any

from models.errors import ZooError

# The processes wait for each other while the main one prepares data, validates and calibrates. A process that ends is
# noticed at once.
TIMEOUT = timedelta(minutes=30)
GRACE = timedelta(seconds=10)  # how long a process that has failed waits for the main one to record the error
ENDED = (
    "Another process of this training ended or was stopped, so the training ended too; "
    "the same command with --resume continues it."
)

_store: Any = None  # a torch.distributed.Store, while the processes train together


class Lost(ZooError):
    """Another process of the training has ended."""


def size() -> int:
    """The number of processes that train together."""
    return int(os.environ.get("WORLD_SIZE", 1)) if "TORCHELASTIC_RUN_ID" in os.environ else 1


def rank() -> int:
    """The number of this process, from 0."""
    return int(os.environ["RANK"]) if size() > 1 else 0


def is_main() -> bool:
    """Whether this process writes and prints."""
    return rank() == 0


def launcher() -> list[str]:
    """What starts a training as this one was started: the words before the arguments of `zoo train`."""
    if size() == 1:
        return ["zoo", "train"]
    machines = os.environ.get("GROUP_WORLD_SIZE", "1")
    meeting = (
        ["--nnodes", machines, "--rdzv-backend", "c10d", "--rdzv-endpoint", "HOST:PORT"] if machines != "1" else []
    )
    return ["torchrun", *meeting, "--nproc-per-node", os.environ["LOCAL_WORLD_SIZE"], "-m", "training"]


@contextmanager
def joined(device: str | None) -> Iterator[None]:
    """A context in which the processes that torchrun started train together; without torchrun, nothing changes.

    device: as in `zoo train`; with GPUs, each process takes the one of its number on this machine. Raises ZooError, in
    only one of the processes that fail; the others end with SystemExit.
    """
    global _store
    if size() == 1:
        yield
        return
    with ExitStack() as stack:
        if not is_main():
            quiet = stack.enter_context(open(os.devnull, "w"))
            stack.enter_context(contextlib.redirect_stdout(quiet))
            stack.enter_context(contextlib.redirect_stderr(quiet))
        try:
            _store = _start(device)
        except ZooError:
            if is_main():
                raise
            sys.exit(1)  # the main process meets the error too, and prints the sentence
        try:
            yield
        except ZooError:
            if _count("reports") > 1:
                _end()
                sys.exit(1)  # another process prints the sentence
            _end()
            raise
        except KeyboardInterrupt:
            if is_main():
                raise
            sys.exit(130)
        finally:
            _leave()


def interrupt() -> None:
    """End the other processes without an error: Ctrl-C has ended the training in the main one, which goes on alone."""
    if size() > 1 and is_main():
        _count("interrupted")
        _leave()


def lost(error: BaseException) -> BaseException:
    """The exception to end this process with, after `error`, in which the connection to the others was lost."""
    # If Ctrl-C or torchrun ends all processes, the signal to this one may arrive after the end of another.
    time.sleep(1)
    if not is_main() and _count("interrupted", 0):
        return SystemExit(0)
    return Lost(ENDED)


def _start(device: str | None) -> Any:
    # torch takes seconds to import, which `zoo train --help` need not wait for.
    import torch
    from torch import distributed

    if device == "mps":
        raise ZooError("--device mps trains in one process; start it without torchrun.")
    on_gpu = device in (None, "cuda") and torch.cuda.is_available()
    if on_gpu:
        here, gpus = int(os.environ["LOCAL_WORLD_SIZE"]), torch.cuda.device_count()
        if here > gpus:
            raise ZooError(f"{here} processes need as many GPUs, and this machine has {gpus}: --nproc-per-node {gpus}.")
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    store, _, _ = next(distributed.rendezvous("env://", timeout=TIMEOUT))
    backend = "cpu:gloo,cuda:nccl" if on_gpu else "gloo"
    distributed.init_process_group(backend, store=store, rank=rank(), world_size=size(), timeout=TIMEOUT)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _on_sigterm)
    return store


def _on_sigterm(*_: Any) -> None:
    """End as after an error: torchrun sends this signal to the processes that are left when one has ended."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Lost(ENDED)


def _end() -> None:
    """Let the main process record the error before torchrun ends it because of this one."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if is_main():
        _count("main ended")
    else:
        _leave()  # the main one may be waiting for this one
        with suppress(Exception):  # of a store that has gone with its process
            _store.wait([_key("main ended")], GRACE)


def _count(name: str, more: int = 1) -> int:
    """Add to a number that all processes share; returns the new one."""
    try:
        return _store.add(_key(name), more)
    except Exception:  # the process that holds the store has ended
        return more


def _key(name: str) -> str:
    return f"zoo/{os.environ.get('TORCHELASTIC_RESTART_COUNT', 0)}/{name}"


def _leave() -> None:
    from torch import distributed

    if distributed.is_initialized():
        distributed.destroy_process_group()
