"""Trains the seeds of `zoo train ID --seeds 0,1,2 --ray` on a Ray cluster, as many at a time as there are cores.

Each seed is a Ray task. Ray starts it again elsewhere if its node is lost.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from uuid import uuid4

from models import cluster, paths, runs
from models.errors import ZooError
from models.runs import Run
from training import ray_runs
from training.ray_runs import Returned
from training.seeds import FOLDER, Model, earlier, train_seed


def train_seeds(model: Model, seeds: Sequence[int], address: str) -> Iterator[tuple[int, Run]]:
    """Train `seeds`, and yield each with its run as it is finished.

    address: of the cluster, see `models.cluster.connected`. Raises ZooError; the first error ends all trainings. Ctrl-C
    raises KeyboardInterrupt.
    """
    with cluster.connected(address) as nodes, _marker() as marker:
        cluster.workers(nodes, model.device)  # raises an error if a GPU is asked for and there is none
        cluster.check(nodes, ray_runs.PACKAGES)
        import ray

        task = ray.remote(max_retries=ray_runs.MAX_LOST, **ray_runs.resources(model.device))(_train)
        data = model.data and model.data.expanduser().absolute()  # a worker has another working directory
        there = ray.put(replace(model, data=data))
        new, waiting = ray_runs.ids(model.name), {}
        for seed in seeds:
            before = earlier(model, seed)
            id = before.id if before and before.state in runs.UNFINISHED else next(new)
            waiting[task.remote(there, seed, id, marker, os.environ.get("ZOO_DATA", ""))] = seed, id
        with ray_runs.explained():
            while waiting:
                (done,), _ = ray.wait(list(waiting))
                seed, id = waiting.pop(done)
                yield seed, ray_runs.store(ray.get(done), id)


@contextmanager
def _marker() -> Iterator[str]:
    """A file in the folder of runs, by which a worker knows whether it writes to the same disk; yields its name."""
    path = paths.data_home() / "runs" / f".ray-{uuid4().hex[:12]}"
    paths.write_atomically(path, "")
    try:
        yield path.name
    finally:
        path.unlink(missing_ok=True)


def _train(model: Model, seed: int, id: str, marker: str, zoo_data: str) -> Returned:
    """Train a seed on a node. marker, zoo_data: see `_marker` and `ray_runs.prepare_worker`."""
    ray_runs.prepare_worker(zoo_data)
    if (paths.data_home() / "runs" / marker).exists():
        return ray_runs.returned(train_seed(model, seed, id), is_shared=True, keep=FOLDER)
    id = f"{model.name[:75]}-{marker[1:]}-{seed}"  # no run on this disk has it
    try:
        return ray_runs.returned(train_seed(model, seed, id), is_shared=False, keep=FOLDER)
    except ZooError:
        with suppress(ZooError):  # it failed before there was a run
            runs.remove(id)
        raise
