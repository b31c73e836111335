"""What trainings on a Ray cluster have in common: `zoo sweep --ray` and `zoo train --seeds --ray`.

A worker trains with one processor core. The files of a run are sent back where the nodes share no disk.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import paths, runs
from models.errors import ZooError
from models.runs import Run

PACKAGES = ("numpy", "torch", "scikit-learn")  # on which the figures may depend
MAX_LOST = 20  # workers, before the command ends: they may all meet the same fault
MAX_FILES = 200 * 2**20  # bytes of the files of a run that are sent back


@dataclass(frozen=True)
class Returned:
    """A run that has ended, and the files of its folder by their path in it."""

    run: Run
    files: dict[str, bytes]


def prepare_worker(zoo_data: str) -> None:
    """Let this process train with one core. zoo_data: the command's folder of data sets, used if it exists here."""
    import torch

    torch.set_num_threads(1)
    if "ZOO_DATA" not in os.environ and Path(zoo_data).is_dir():
        os.environ["ZOO_DATA"] = zoo_data


def resources(device: str | None) -> dict[str, Any]:
    """What a worker needs on its node, as arguments of `ray.remote`."""
    return {"num_cpus": 1, **({"num_gpus": 1} if device == "cuda" else {})}


def returned(run: Run, is_shared: bool, keep: str = "") -> Returned:
    """A run with its files, without those to resume from.

    is_shared: whether this node writes to the command's disk; otherwise, the run is removed here. keep: a folder in
    that of the run; if there are more than MAX_FILES bytes, only the files in it, the record and the curves are sent.
    """
    folder = runs.folder(run.id)
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    if sum(path.stat().st_size for path in found.values()) > MAX_FILES:
        small = (name for name in found if name.endswith((".json", ".csv")) or keep in name.split("/")[:-1])
        found = {name: found[name] for name in small}
    files = {name: path.read_bytes() for name, path in found.items() if path.name != "resume.safetensors"}
    if not is_shared:
        runs.remove(run.id)
    return Returned(run, files)


def store(received: Returned, id: str | None = None) -> Run:
    """Write the files of a run that was trained on another disk; the record last. Returns the run.

    id: of the run here (default: the same).
    """
    run = received.run.model_copy(update={"id": id or received.run.id})
    if runs.find(run.id) != run:
        for name, content in received.files.items():
            if name != runs.RECORD:
                paths.write_atomically(runs.folder(run.id) / name, content)
        runs.write(run)
    return run


def ids(model: str) -> Iterator[str]:
    """Ids for new runs of `model`; each is given once."""
    taken: set[str] = set()
    while True:
        id = runs.free_id(model, taken)
        taken.add(id)
        yield id


@contextmanager
def explained() -> Iterator[None]:
    """A context in which Ray's errors become a ZooError: that of a worker, or one of a sentence."""
    import ray

    try:
        yield
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, ZooError):
            raise ZooError(str(error.cause)) from error
        raise
    except ray.exceptions.RayError as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise ZooError(f"Ray could not train the runs: {lines[-1].strip():.300}") from error
