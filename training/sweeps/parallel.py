"""Runs a sweep on the nodes of a Ray cluster, as many runs at a time as there are processor cores: `zoo sweep --ray`.

Each core has a worker, an actor that keeps the data of its runs in memory. A run is the same as on one machine; its
files are sent back where the nodes share no disk. A run whose node is lost is trained again elsewhere. A search keeps
its Optuna study in an actor beside the command, which draws the settings and stops poor runs: Ray Tune would have its
own results, and its own way to continue.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from models import cluster, paths, sweeps
from models.runs import Run
from models.sweeps import METRICS, Row, Sweep
from training import ray_runs
from training.lock import locked
from training.ray_runs import Returned
from training.sweeps.space import Space, Value
from training.sweeps.sweep import Ended, Search, is_over
from training.sweeps.trial import Trials, base_of


@dataclass(frozen=True)
class Assignment:
    """What a worker trains: a setting with each of its seeds, under the ids of the runs. trial: of a search."""

    settings: dict[str, Value]
    seeds: tuple[int, ...]
    ids: tuple[str, ...]
    trial: int | None = None


class Worker:
    """Trains runs of a sweep with one processor core. zoo_data: the driver's folder of data sets, used if it exists."""

    def __init__(self, sweep: Sweep, zoo_data: str):
        ray_runs.prepare_worker(zoo_data)
        self._sweep = sweep
        self._trials: Trials | None = None

    def train(self, work: Assignment, search: Any = None) -> list[Returned]:
        """Train an assignment; a seed that does not finish ends a trial of a search. search: the actor of the study."""
        import ray

        trials = self._trials = self._trials or Trials(self._sweep, base_of(self._sweep))

        def report(epoch: int, accuracy: float, loss: float) -> str:
            return ray.get(search.report.remote(work.trial, epoch, accuracy, loss))

        returned = []
        is_shared = (sweeps.folder_of(self._sweep.name) / sweeps.FILE).exists()
        for seed, id in zip(work.seeds, work.ids, strict=True):
            run = trials.run(work.settings, seed, report if search is not None and seed == 0 else None, id=id)
            returned.append(ray_runs.returned(run, is_shared))
            if search is not None and run.state != "finished":
                break
        return returned


def run_sweep(sweep: Sweep, space: Space, trials: Trials, ended: Ended, address: str) -> list[Row]:
    """Like `training.sweeps.sweep.run_sweep`, on the cluster at `address` (see `models.cluster.connected`).

    Ctrl-C raises KeyboardInterrupt; the runs that were interrupted are trained again the next time.
    """
    with locked(sweep.name), cluster.connected(address) as nodes:
        cluster.check(nodes, ray_runs.PACKAGES)
        train = _combinations if sweep.search is None else _search
        with ray_runs.explained():
            train(sweep, space, trials, ended, cluster.workers(nodes, sweep.device))
    return sweeps.rows(sweep)


def _combinations(sweep: Sweep, space: Space, trials: Trials, ended: Ended, workers: int) -> None:
    pairs = [(settings, seed) for settings in space.combinations for seed in range(sweep.seeds)]
    left = [pair for pair in pairs if not is_over(trials.earlier(*pair))]
    ids = ray_runs.ids(sweep.name)
    work = iter([Assignment(settings, (seed,), (_id(trials, settings, seed, ids),)) for settings, seed in left])
    over = len(pairs) - len(left)
    for _, returned in _work_off(sweep, lambda: next(work, None), min(workers, len(left))):
        over += 1
        ended(returned[0].run, over, len(pairs))


def _search(sweep: Sweep, space: Space, trials: Trials, ended: Ended, workers: int) -> None:
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    actor = ray.remote(num_cpus=0, scheduling_strategy=here)(Search)
    study = actor.remote(sweep, space, str(paths.data_home()))
    over = asked = ray.get(study.over.remote())
    total, seeds, ids = sweep.search * sweep.seeds, tuple(range(sweep.seeds)), ray_runs.ids(sweep.name)
    figures: dict[str, tuple[list[float], Run]] = {}  # by setting; one may be drawn twice
    waiting: dict[str, list[int]] = {}  # trials with a setting that is being trained

    def next_work() -> Assignment | None:
        nonlocal asked, over
        while asked < sweep.search:
            asked += 1
            number, settings = ray.get(study.ask.remote())
            key = repr(sorted(settings.items()))
            earlier = [trials.earlier(settings, seed) for seed in seeds]
            if all(run is not None and run.state == "finished" for run in earlier):
                figures[key] = _figures(sweep, earlier), earlier[-1]
            if key in figures:
                ray.get(study.tell.remote(number, *figures[key]))
                over += 1
                ended(figures[key][1], over * sweep.seeds, total)
            elif key in waiting:
                waiting[key].append(number)
            else:
                waiting[key] = []
                return Assignment(settings, seeds, tuple(_id(trials, settings, seed, ids) for seed in seeds), number)
        return None

    for work, returned in _work_off(sweep, next_work, min(workers, sweep.search - over), study):
        key = repr(sorted(work.settings.items()))
        found = [each.run for each in returned]
        figures[key] = _figures(sweep, found), found[-1]
        for number in (work.trial, *waiting.pop(key)):
            ray.get(study.tell.remote(number, *figures[key]))
            over += 1
            ended(found[-1], over * sweep.seeds, total)


def _figures(sweep: Sweep, found: list[Run]) -> list[float]:
    """The figure of every seed; [] if a run has none."""
    values = [getattr(run, METRICS[sweep.metric]) for run in found if run.state == "finished"]
    return values if len(values) == sweep.seeds and None not in values else []


def _work_off(
    sweep: Sweep, next_work: Callable[[], Assignment | None], workers: int, study: Any = None
) -> Iterator[tuple[Assignment, list[Returned]]]:
    """Let `workers` workers do what `next_work` returns, until it returns None; yields what they return."""
    import ray

    actors = ray.remote(**ray_runs.resources(sweep.device))(Worker)
    idle = [actors.remote(sweep, os.environ.get("ZOO_DATA", "")) for _ in range(workers)]
    busy: dict[Any, tuple[Any, Assignment]] = {}
    again: list[Assignment] = []  # of workers that were lost
    lost = 0
    while True:
        while idle and (work := again.pop() if again else next_work()) is not None:
            actor = idle.pop()
            busy[actor.train.remote(work, study)] = actor, work
        while idle:  # nothing is left for them
            ray.kill(idle.pop())
        if not busy and not again:
            return
        if not busy:
            idle.append(actors.remote(sweep, os.environ.get("ZOO_DATA", "")))
            continue
        (done,), _ = ray.wait(list(busy))
        actor, work = busy.pop(done)
        try:
            returned = ray.get(done)
        except ray.exceptions.RayTaskError:
            raise  # an error in the worker's code
        except ray.exceptions.RayError:  # the worker was lost, or its node with what it returned
            lost += 1
            if lost > ray_runs.MAX_LOST:
                raise
            ray.kill(actor)
            again.append(work)
            continue
        idle.append(actor)
        for each in returned:
            ray_runs.store(each)
        yield work, returned


def _id(trials: Trials, settings: dict[str, Value], seed: int, ids: Iterator[str]) -> str:
    """The id of the run that goes on, or of a new one."""
    earlier = trials.earlier(settings, seed)
    return earlier.id if earlier else next(ids)
