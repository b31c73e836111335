"""The runs of a sweep: each trains one setting with one seed, up to the validated net."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models import catalog, runs, sweeps
from models.entry import Entry, Recipe
from models.errors import ZooError
from models.runs import Run
from models.sweeps import Sweep
from models.task import Task
from training import recipe as recipes
from training.command import arguments
from training.data.dataset import Sources
from training.recipe import values
from training.record import Record, recorded
from training.sweeps.space import Value

if TYPE_CHECKING:
    from training.preparation import Job, Prepared

Report = Callable[[int, float, float], str]
# The data are prepared again if one of these changes. The seed counts where it draws examples or starts a frozen trunk.
OF_THE_DATA = ("datasets", "few", "frozen", "start_from")


@dataclass(frozen=True)
class Base:
    """What all runs of a sweep share: the entry with the recipe that settings change, its task, and the data."""

    entry: Entry
    task: Task
    sources: Sources


def base_of(sweep: Sweep) -> Base:
    """The base of a sweep. Raises ZooError, for own examples that cannot be used too."""
    entry = catalog.entry(sweep.entry)
    if sweep.examples is None:
        # Familiarity is not fitted, which is all that outliers are for.
        return Base(replace(entry, outliers=()), catalog.task(entry.task), Sources(sweep.data))
    from training.custom.plan import plan

    planned = plan(sweep.entry, Path(sweep.examples), name=sweep.name, title=None, task=None, columns=sweep.columns)
    return Base(planned.entry, planned.task, Sources(sweep.data, examples=planned.examples.dataset()))


class Trials:
    """Trains the runs of a sweep one after another; the data are prepared once for all that need the same."""

    def __init__(self, sweep: Sweep, base: Base):
        self.sweep, self.base = sweep, base
        self._key, self._prepared = None, None
        self._earlier = {_key(sweep, run.recipe, run.seed): run for run in runs.runs() if run.sweep == sweep.name}

    def earlier(self, settings: dict[str, Value], seed: int) -> Run | None:
        """The run of this setting and seed, if there has been one."""
        recipe = values(recipes.changed(self.base.entry, settings))
        return self._earlier.get(_key(self.sweep, recipe, seed))

    def run(self, settings: dict[str, Value], seed: int, report: Report | None = None, id: str | None = None) -> Run:
        """Train one setting; returns the record of the run, which may have failed.

        id: of the run (default: that of the earlier one, or a free one). report: called after every epoch with its
        number, accuracy and loss; a sentence stops the run early. Ctrl-C raises KeyboardInterrupt.
        """
        entry, earlier = self.base.entry, self.earlier(settings, seed) if id is None else runs.find(id)
        recipe = recipes.changed(entry, settings)
        details = {"task": self.base.task.slug, "seed": seed, "sweep": self.sweep.name}
        details |= {"command": arguments(self.sweep.entry, self._options(seed), settings)}
        if earlier and earlier.state in runs.UNFINISHED:
            details |= {"run_id": earlier.id, "resume": True}
        elif id is not None:
            details |= {"run_id": id}
        id = None
        try:
            with recorded(self.sweep.name, entry, recipe, entry.recipe, **details) as record:
                id = record.run.id
                self._train(recipe, seed, record, report)
        except (ZooError, RuntimeError, ValueError):  # the record has the reason
            if id is None:
                raise
        run = runs.read(id)
        self._earlier[_key(self.sweep, run.recipe, seed)] = run
        return run

    def _train(self, recipe: Recipe, seed: int, record: Record, report: Report | None) -> None:
        from training.device import device_of
        from training.preparation import Job
        from training.run import fit_validated

        base, device = self.base, device_of(self.sweep.device)
        record.labels = base.task.labels
        entry = replace(base.entry, recipe=recipe)
        job = Job(entry, base.task, recipe, seed, device, base.sources, record.folder, record.resumed, "", record)
        prepared = self._data(job)
        reasons: list[str] = []
        if report:
            record.watch = partial(_stop, report, reasons)
        fitted = fit_validated(job, prepared)
        if fitted.interrupted and not reasons:
            raise KeyboardInterrupt
        record.interrupted, record.reason = fitted.interrupted, " ".join(reasons)
        record.best(fitted.history[fitted.epoch - 1], sum(map(len, prepared.validation.values())), last=True)

    def _options(self, seed: int) -> dict[str, Any]:
        """The options of `zoo train` that all runs share, and the seed."""
        sweep = self.sweep
        columns = {f"{column}_column": heading for column, heading in sweep.columns.items()}
        return {"examples": sweep.examples, **columns, "data": sweep.data, "device": sweep.device, "seed": seed or None}

    def _data(self, job: "Job") -> "Prepared":
        """The data of a run, those of the last one if they are the same."""
        from training.preparation import prepare

        recipe = job.recipe
        key = [getattr(recipe, name) for name in OF_THE_DATA]
        if recipe.few or recipe.frozen:  # the seed draws the examples, or the trunk's missing weights
            key.append(job.seed)
        if key != self._key:
            self._key, self._prepared = None, None  # not two at a time in memory
            self._key, self._prepared = key, prepare(job)
        used = replace(recipe, augment=None) if recipe.frozen else recipe
        return replace(self._prepared, recipe=used)


def _stop(report: Report, reasons: list[str], row: dict[str, float]) -> None:
    """Report an epoch, and stop the run as Ctrl-C would if there is a reason to."""
    reason = report(int(row["epoch"]), row["accuracy"], row.get("validation loss", 0.0))
    if reason:
        reasons.append(reason)
        raise KeyboardInterrupt


def _key(sweep: Sweep, recipe: dict[str, Any], seed: int) -> tuple:
    return (*sweeps.key(sweep, recipe), seed)
