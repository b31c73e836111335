"""Connects to Ray, on this machine or on a cluster, and compares what is installed on the nodes.

Ray is imported only in `connected`: nothing else of the Zoo needs it.
"""

import hashlib
import importlib.metadata
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import catalog, memory
from models.checkpoint import Checkpoint
from models.errors import ZooError

LOCAL = "local"
HELP = (
    "Compute on Ray: local starts it on this machine for this command; auto uses the cluster that this machine belongs "
    "to, and 10.0.0.1:6379 the one at that address."
)
MISSING = "--ray needs {missing}, which is not installed. Run pip install -r requirements-scale.txt."
PREDICTING = ("numpy", "onnxruntime", "pillow")  # packages on which predictions may depend
UNREACHABLE = 20  # seconds after which a cluster counts as unreachable
SILENT = 120  # seconds for a node's answer; its first task starts a Python process
OBJECT_STORE = 2**30  # bytes of shared memory of a local cluster
SETTINGS = {
    "RAY_worker_niceness": "0",  # the priority of the command; Ray's own, 15, gets nothing on a machine with other work
    "RAY_BACKEND_LOG_LEVEL": "fatal",  # what goes wrong is raised, or retried
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # leave CUDA_VISIBLE_DEVICES alone, as later versions do
}
TOO_LONG = 40  # characters of a folder; sockets below it would exceed the 107 that a Unix socket's address may have


@dataclass(frozen=True)
class Node:
    """A machine of the cluster that computes. cores, gpus: how many processor cores and GPUs Ray may use there."""

    id: str
    name: str
    cores: int
    gpus: int


@contextmanager
def connected(address: str = LOCAL, cores: int | None = None) -> Iterator[list[Node]]:
    """A context in which `ray` is initialised; yields the nodes that compute.

    address: LOCAL starts Ray on this machine and stops it at the end; otherwise that of a cluster, which stays. cores:
    how many a local one may use (default: all). Raises ZooError if Ray is not installed, the cluster cannot be
    reached, or it runs other versions of Ray or Python.
    """
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ModuleNotFoundError as error:
        raise ZooError(MISSING.format(missing=error.name)) from error
    folder = None
    options: dict[str, Any] = {"address": address}
    if address == LOCAL:
        folder = tempfile.mkdtemp(prefix="zoo-", dir="/tmp" if len(tempfile.gettempdir()) > TOO_LONG else None)
        store = min(OBJECT_STORE, memory.limit() // 4)
        options |= {"num_cpus": cores, "include_dashboard": False, "object_store_memory": store, "_temp_dir": folder}
    else:
        _check_reachable(address)
    with _signals_restored(), _nothing_printed():
        try:
            try:
                with _stderr_discarded():  # Ray's core prints the log level there
                    _initialise(**options, log_to_driver=False, logging_level=logging.ERROR)
            except Exception as error:  # Ray's errors have no common base class
                raise ZooError(_not_connected(address, error)) from error
            yield _nodes(address)
        finally:
            ray.shutdown()
            if folder:
                shutil.rmtree(folder, ignore_errors=True)


def _initialise(**options: Any) -> None:
    """Call ray.init; once more if Ray did not start within its 30 seconds, as on a machine with much else to do."""
    import ray

    try:
        ray.init(**options)
    except Exception as error:
        if "timed out during startup" not in str(error):
            raise
        ray.shutdown()
        ray.init(**options)


def describe(packages: Sequence[str], model: str | None = None) -> dict[str, str]:
    """What a node has: the version of each package, a digest of the Zoo's code and that of a model's checkpoint."""
    found = {"the Zoo": _code_digest()}
    for package in packages:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "none"
    if model is not None:
        try:
            found[model] = Checkpoint.open(catalog.find(model).path).fingerprint
        except ZooError:
            found[model] = "none"
    return found


def check(nodes: Sequence[Node], packages: Sequence[str] = PREDICTING, model: str | None = None) -> None:
    """Compare each node with this machine. Raises ZooError that names the first node and what differs there.

    model: the id of a model that the nodes need.
    """
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    def on_node() -> dict[str, str]:  # nested, so that Ray sends its code: the node may not have the Zoo
        try:
            from models import cluster
        except ImportError:
            return {}
        return cluster.describe(packages, model)

    task = ray.remote(num_cpus=0, max_retries=1)(on_node)
    answers = [task.options(scheduling_strategy=NodeAffinitySchedulingStrategy(each.id, soft=False)) for each in nodes]
    answers = [each.remote() for each in answers]
    here = describe(packages, model)
    for node, answer in zip(nodes, answers, strict=True):
        try:
            there = ray.get(answer, timeout=SILENT)
        except ray.exceptions.GetTimeoutError as error:
            raise ZooError(
                f"The node {node.name} did not answer within {SILENT} s; remove it, or try again."
            ) from error
        except ray.exceptions.RayError as error:
            raise ZooError(f"The node {node.name} cannot run tasks: {_first_line(error)}.") from error
        if problem := difference(here, there):
            raise ZooError(f"The node {node.name} {problem}")


def workers(nodes: Sequence[Node], device: str | None) -> int:
    """How many workers may compute at a time: one for each core, or with "cuda" one for each GPU.

    Raises ZooError if there is no GPU: Ray would wait for one.
    """
    if device != "cuda":
        return sum(node.cores for node in nodes)
    count = sum(min(node.cores, node.gpus) for node in nodes)
    if not count:
        raise ZooError("No node of the Ray cluster has a GPU; omit --device cuda.")
    return count


def difference(here: Mapping[str, str], there: Mapping[str, str]) -> str | None:
    """How a node differs from this machine, as the end of a sentence; None if it does not. Both as from `describe`."""
    if not there:
        return "does not have the Zoo; install it there from a clone: pip install -r requirements-scale.txt -e ."
    for what, version in here.items():
        other = there.get(what, "none")
        if other == version:
            continue
        if what == "the Zoo":
            return "has another version of the Zoo; check out the same commit on all machines."
        if "/" in what or re.fullmatch("[0-9a-f]{12}", version):  # a model
            if other == "none":
                return f"does not have the model {what}; share ZOO_HOME, or train or pull the model there."
            return f"has another checkpoint of {what}: {other}, here {version}; share ZOO_HOME, or pull the same one."
        return f"has {what} {other}, here {version}; install the same versions on all machines."
    return None


def _check_reachable(address: str) -> None:
    """Raise ZooError unless a Ray cluster answers at the address. Ray itself would try for many minutes."""
    limit = f"within {UNREACHABLE} s"
    if address != "auto":
        if address.startswith("ray://"):
            raise ZooError(
                "--ray does not take ray:// addresses; run the command on a node of the cluster: --ray auto."
            )
        match = re.fullmatch(r"(.+):(\d{1,5})", address)
        if not match or int(match[2]) > 65535:
            raise ZooError(f"--ray takes local, auto or HOST:PORT; {address!r:.80} is none of these.")
        try:
            socket.create_connection((match[1].strip("[]"), int(match[2])), timeout=UNREACHABLE).close()
        except OSError as error:
            reason = f"no answer {limit}" if isinstance(error, TimeoutError) else error.strerror or error
            raise ZooError(f"The Ray cluster at {address} cannot be reached: {reason}. Check the address.") from error
    # In a process of its own, because Ray's core may write to stderr, wait for ever, or end the process.
    command = [sys.executable, "-c", PROBE, address]
    try:
        ended = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=UNREACHABLE
        )
    except subprocess.TimeoutExpired as error:
        raise ZooError(f"What answers at {address} is not a Ray cluster, or not {limit}. Check the address.") from error
    if ended.returncode and address == "auto":
        raise ZooError(
            "This machine does not belong to a running Ray cluster. Start one with ray start --head, or pass its "
            "address to --ray; --ray local starts one for this command."
        )
    if ended.returncode:
        raise ZooError(f"What answers at {address} is not a Ray cluster. Check the address.")


PROBE = """
import sys
import ray
from ray._private import services
address = services.canonicalize_bootstrap_address(sys.argv[1])
sys.exit(address is None or ray._raylet.GcsClient(address=address) is None)
"""


def _nodes(address: str) -> list[Node]:
    import ray

    nodes = []
    for node in ray.nodes():
        name = f"{node['NodeManagerHostname']} ({node['NodeManagerAddress']})"
        cores, gpus = (int(node["Resources"].get(kind, 0)) for kind in ("CPU", "GPU"))
        if node["Alive"] and cores:
            nodes.append(Node(node["NodeID"], name, cores, gpus))
    if not nodes:
        raise ZooError(f"The Ray cluster at {address} has no node with processor cores.")
    return sorted(nodes, key=lambda node: (node.name, node.id))


def _not_connected(address: str, error: Exception) -> str:
    versions = re.findall(r"Ray: (\S+)\s+Python: (\S+)", str(error))
    if len(versions) == 2:
        there, here = (f"Ray {ray} and Python {python}" for ray, python in versions)
        return f"The cluster at {address} runs {there}, this machine {here}; install the same versions on all machines."
    if address == LOCAL:
        return f"Ray could not be started on this machine: {_first_line(error)}."
    return f"The Ray cluster at {address} cannot be used: {_first_line(error)}."


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{lines[0] if lines else type(error).__name__:.300}".rstrip(".:")


def _code_digest() -> str:
    """A digest of the library's and the application's code on this machine."""
    digest = hashlib.sha256()
    root = Path(__file__).parents[1]
    for path in sorted(path for part in ("app", "models", "training") for path in (root / part).rglob("*.py")):
        digest.update(f"{path.relative_to(root).as_posix()}\n".encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:12]


@contextmanager
def _nothing_printed() -> Iterator[None]:
    """A context in which Ray does not print to stdout: it reports a lost node there, even without `log_to_driver`."""
    from ray._private import worker

    worker._worker_logs_enabled = False
    try:
        yield
    finally:
        worker._worker_logs_enabled = True


@contextmanager
def _stderr_discarded() -> Iterator[None]:
    before, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    try:
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)
        os.close(nothing)


@contextmanager
def _signals_restored() -> Iterator[None]:
    """A context after which SIGTERM is handled as before: Ray replaces its handler."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        with suppress(TypeError):  # a handler that was not set from Python
            signal.signal(signal.SIGTERM, before)
