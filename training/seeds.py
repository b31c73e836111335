"""Trains an entry with several seeds: `zoo train ID --seeds 0,1,2`.

Each seed is a run of the model, with its checkpoint in the run's folder. The model is the checkpoint of the first seed,
with the mean and spread over all seeds in its evaluation. What has been trained or tested before is not repeated.
Shipped models (`training/release.py`) share the checkpoints of seeds and the figures over them.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models import catalog, paths, runs
from models.checkpoint import CARD, Checkpoint
from models.entry import Entry, Recipe
from models.errors import BadCheckpoint
from models.evaluation import SeedFigures
from models.runs import Run
from models.writing import record, write, write_version
from training import recipe as recipes
from training.card import card
from training.command import arguments
from training.data.dataset import Sources
from training.device import device_of
from training.evaluate import record_available
from training.naming import checked_licence
from training.record import recorded
from training.run import Trained, run
from training.train import as_own, checkpoint_files

FOLDER = "checkpoint"  # in the folder of a run


@dataclass(frozen=True)
class Model:
    """What the runs of all seeds share. name: the id of the model. overrides: hyperparameters of the recipe."""

    slug: str
    name: str
    title: str | None = None
    license: str | None = None
    data: Path | None = None
    device: str | None = None
    overrides: dict[str, Any] = field(default_factory=dict)

    @property
    def entry(self) -> Entry:
        """The entry, as the user's own."""
        return as_own(catalog.entry(self.slug), self.license)

    @property
    def recipe(self) -> Recipe:
        """The entry's recipe with the overrides. Raises ZooError."""
        return recipes.changed(self.entry, self.overrides)

    @property
    def sources(self) -> Sources:
        """Where the data sets are."""
        return Sources(self.data)


def checkpoint_of(run: Run) -> Path:
    """The folder of the checkpoint of a seed."""
    return runs.folder(run.id) / FOLDER


def earlier(model: Model, seed: int) -> Run | None:
    """The latest run of this seed with the same recipe; None if there is none."""
    made_of = recipes.values(model.recipe)
    return next((run for run in runs.of_model(model.name) if run.seed == seed and run.recipe == made_of), None)


def is_trained(run: Run | None) -> bool:
    """Whether a run is finished and has its checkpoint."""
    return run is not None and run.state == "finished" and _opens(checkpoint_of(run))


def train_seed(model: Model, seed: int, id: str | None = None) -> Run:
    """Train one seed; an interrupted run of it goes on. Ctrl-C raises KeyboardInterrupt. Raises ZooError.

    id: of the run, which goes on if it was interrupted (default: the earlier run of the seed, or a new one).
    """
    entry, recipe = model.entry, model.recipe
    before = earlier(model, seed) if id is None else runs.find(id)
    options = {"slug": model.name, "title": model.title, "license": checked_licence(model.license), "data": model.data}
    details = {"task": entry.task, "seed": seed}
    details["command"] = arguments(entry.slug, {**options, "device": model.device, "seed": seed}, model.overrides)
    if before and before.state in runs.UNFINISHED:
        details |= {"run_id": before.id, "resume": True}
    elif id is not None:
        details |= {"run_id": id}
    with recorded(model.name, entry, recipe, entry.recipe, **details) as record_of_run:
        job = {"seed": seed, "device": device_of(model.device), "sources": model.sources}
        trained = run(entry, recipe, record_of_run.folder, record=record_of_run, resume=record_of_run.resumed, **job)
        write_seed(trained, record_of_run.folder, model.name, title=model.title)
    return runs.read(record_of_run.run.id)


def write_seed(trained: Trained, folder: Path, name: str, *, title: str | None = None, key: str | None = None) -> Path:
    """Write the checkpoint of a trained seed to `folder`, that of its run; returns the folder of the checkpoint.

    name, title, key: as for `checkpoint_files`. Raises KeyboardInterrupt if the training was interrupted; it goes on
    the next time.
    """
    if trained.interrupted:
        raise KeyboardInterrupt
    write(folder / FOLDER, checkpoint_files(trained, name, key, title=title))
    return folder / FOLDER


def measure(model: Model, run: Run) -> None:
    """Test the checkpoint of a seed once, on the data sets that need no download."""
    if not Checkpoint.open(checkpoint_of(run)).evaluation.test:
        record_available(checkpoint_of(run), model.sources)


def accuracies_of(run: Run) -> dict[str, float]:
    """Accuracy by test set; empty if the seed has not been tested."""
    return accuracies_in(checkpoint_of(run))


def accuracies_in(folder: Path) -> dict[str, float]:
    """The accuracies of the checkpoint in `folder` by test set; empty if it has not been tested."""
    return {name: figures.accuracy for name, figures in Checkpoint.open(folder).evaluation.test.items()}


def spread(accuracies: list[float]) -> tuple[float, float]:
    """Mean and standard deviation (with n - 1) of at least two accuracies."""
    return statistics.fmean(accuracies), statistics.stdev(accuracies)


def over_seeds(accuracies: Sequence[Mapping[str, float]]) -> dict[str, SeedFigures]:
    """The figures over all seeds by test set. accuracies: of each seed, by test set.

    Test sets that a seed was not tested on are left out; for one seed, there are none.
    """
    figures = {}
    for name in accuracies[0]:
        of_set = [each[name] for each in accuracies if name in each]
        if len(of_set) == len(accuracies) > 1:
            mean, std = spread(of_set)
            figures[name] = SeedFigures(accuracies=of_set, mean=mean, std=std)
    return figures


def record_seeds(folder: Path, figures: dict[str, SeedFigures]) -> None:
    """Replace the figures over several seeds in the checkpoint in `folder`."""
    checkpoint = Checkpoint.open(folder)
    evaluation = checkpoint.evaluation.model_copy(update={"seeds": figures})
    record(folder, evaluation, evaluation.headline, card(checkpoint.config, evaluation))


def files_of(folder: Path) -> dict[str, bytes]:
    """All files of the checkpoint in `folder`, by name."""
    opened = Checkpoint.open(folder)
    return {name: (opened.path / name).read_bytes() for name in (*opened.config.files, CARD, "config.json")}


def keep_first(model: Model, trained: list[Run]) -> Path:
    """Write the model: the checkpoint of the first run, with the figures over all seeds. Returns its folder."""
    first = checkpoint_of(trained[0])
    if figures := over_seeds([accuracies_of(run) for run in trained]):
        record_seeds(first, figures)
    folder = paths.user_checkpoints() / model.name
    write_version(folder, files_of(first))
    return folder


def _opens(folder: Path) -> bool:
    try:
        Checkpoint.open(folder)
    except BadCheckpoint:
        return False
    return True
