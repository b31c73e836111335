"""Many inputs on the nodes of a Ray cluster, through Ray Data: `zoo predict --ray`.

A row of the data set is a chunk of inputs, and its answer is their rows of the CSV file, from the same code as on one
machine (`app/batch.py`). Ray computes a chunk again if the node that had it is lost.
"""

import io
import logging
import os
import pickle
import platform
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from app import batch
from app.cli.inputs import Unread
from app.predict_many import BATCH, predict_many
from models import catalog
from models.checkpoint import Checkpoint
from models.errors import ZooError
from models.task import Task

CHUNK = {"text": 64 * BATCH, "fields": 64 * BATCH}  # inputs; a multiple of BATCH, so that batches are the same ones
ENCODING, ERRORS = "utf-8", "backslashreplace"  # of the CSV, as on one machine


@dataclass(frozen=True)
class Job:
    """What every worker needs to know.

    checkpoint: the fingerprint of the model's. headings: as for `batch.write_rows`. folder: the working directory, to
    which paths are relative.
    """

    model: str
    checkpoint: str
    device: str | None
    engine: str | None
    headings: tuple[str, ...] | None
    folder: str


@dataclass(frozen=True)
class Answers:
    """The CSV rows for one chunk. number: of the chunk, from 0. failed: how many of the rows are errors."""

    number: int
    csv: bytes
    rows: int
    failed: int


def chunks(inputs: Iterable[tuple[Any, Any]], task: Task) -> Iterator[list[tuple[Any, Any]]]:
    """The inputs, each a name and a raw input, in chunks."""
    source, size = iter(inputs), CHUNK.get(task.input, BATCH)
    while chunk := list(islice(source, size)):
        yield chunk


def answers(job: Job, packed: Sequence[tuple[int, bytes]], workers: int) -> Iterator[Answers]:
    """Compute chunks on a connected cluster; yields their answers as they finish.

    packed: the number of each chunk, and what `pack` returned. workers: at most so many at a
    time, with one processor core each. Raises ZooError if a worker cannot use the model or a file, or if Ray gives up.
    """
    import pyarrow
    import ray
    import ray.data

    if not packed:
        return
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    blocks = [pyarrow.table({"number": [number], "inputs": [inputs]}) for number, inputs in packed]
    options: dict[str, Any] = {"num_gpus": 1} if job.device == "cuda" else {}
    dataset = ray.data.from_arrow(blocks).map_batches(
        Worker,
        fn_constructor_args=(job,),
        batch_size=1,
        compute=ray.data.ActorPoolStrategy(size=min(workers, len(packed))),
        num_cpus=1,
        **options,
    )
    try:
        for table in dataset.iter_batches(batch_size=None, prefetch_batches=0, batch_format="pyarrow"):
            for row in table.to_pylist():
                if row.pop("problem"):
                    raise ZooError(row["csv"].decode())
                yield Answers(**row)
    except ray.exceptions.RayError as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise ZooError(f"Ray could not compute the predictions: {lines[-1].strip():.300}") from error


def pack(inputs: list[tuple[Any, Any]]) -> bytes:
    """A chunk as bytes: the inputs, and the files and folders that a worker must see to read them."""
    needed = {raw.within() for _, raw in inputs if isinstance(raw, Unread)}
    return pickle.dumps((inputs, sorted(path for path in needed if path and os.path.exists(path))))


class Worker:
    """Answers chunks with one model; Ray runs one of these per processor core."""

    def __init__(self, job: Job):
        self._job = job
        self._problem = ""
        self._missing = _change_folder(job.folder)
        try:
            # Loaded here, on the node.
            import models

            self._predictor = models.load(job.model, device=job.device, engine=job.engine)  # type: ignore[arg-type]
            if self._predictor.fingerprint != job.checkpoint:
                raise ZooError(f"The node {platform.node()} has another checkpoint of {job.model}; share ZOO_HOME.")
        except ZooError as error:
            self._problem = str(error)

    def __call__(self, chunk: dict[str, Any]) -> dict[str, list[Any]]:
        """The CSV rows for a chunk; `problem`: whether they are a sentence instead, on why it cannot be answered."""
        (number,), (packed,) = chunk["number"], chunk["inputs"]
        inputs, needed = pickle.loads(packed)
        absent = self._missing or next((path for path in needed if not os.path.exists(path)), None)
        problem = self._problem
        if needed and absent:
            problem = (
                f"The node {platform.node()} does not have {absent}; share it under the same path on all nodes, or put "
                "the inputs into an object store."
            )
        text, readable = io.StringIO(newline=""), []
        try:
            if problem:
                raise ZooError(problem)
            task = self._predictor.task
            named = ((name, raw.read(task) if isinstance(raw, Unread) else raw) for name, raw in inputs)
            readable += batch.write_rows(text, predict_many(self._predictor, named), self._job.headings)
        except ZooError as error:
            return {"number": [number], "csv": [str(error).encode()], "rows": [0], "failed": [0], "problem": [True]}
        csv = text.getvalue().encode(ENCODING, ERRORS)
        return {
            "number": [number],
            "csv": [csv],
            "rows": [len(readable)],
            "failed": [readable.count(False)],
            "problem": [False],
        }


def job(model: str, device: str | None, engine: str | None, headings: Sequence[str] | None) -> Job:
    """The job for a model of the catalog. device: by default the CPU; "cuda" takes one GPU per worker."""
    checkpoint = Checkpoint.open(catalog.find(model).path).fingerprint
    copied = None if headings is None else tuple(headings)
    return Job(model, checkpoint, device or "cpu", engine, copied, os.getcwd())


def _change_folder(folder: str) -> str | None:
    """Make `folder` the working directory; returns it if this node does not have it."""
    try:
        os.chdir(folder)
    except OSError:
        return folder
    return None
