"""`python -m training zoo`, for maintainers: trains the shipped checkpoints.

Each entry is trained with several seeds (usually three), and each net is tested once. The first seed ships, with the
mean and spread over the seeds in its evaluation. Entries whose shipped checkpoint has the current recipe, net,
processor and number of seeds are skipped; if only other seeds are missing, the shipped one is not trained again.
Interrupted runs are continued.
"""

import hashlib
import inspect
import json
import shutil
from pathlib import Path

from pydantic import TypeAdapter
from rich.console import Console

import models
from models import catalog, checkpoint, paths, writing
from models.entry import Entry
from models.errors import BadCheckpoint, ZooError
from models.evaluation import Figures
from training.backbone import file_of
from training.card import card
from training.data import dataset
from training.data.dataset import DEFAULT, Sources
from training.device import device_of
from training.evaluate import Measured, all_figures, log_test_run, record_evaluation, times_tested
from training.feature_map import add_map
from training.recipe import changes_from_defaults
from training.run import run
from training.seeds import FOLDER, accuracies_in, files_of, over_seeds, record_seeds, write_seed

RESULTS = TypeAdapter(dict[str, Measured])


def train_zoo(
    slugs: tuple[str, ...] = (), *, device: str | None = None, sources: Sources = DEFAULT, force: bool = False
) -> None:
    """Bring the shipped checkpoints of `slugs` (default: all entries) up to date.

    force: train entries and seeds that are up to date too.
    """
    console = Console(stderr=True)
    for slug in slugs or tuple(catalog.entries()):
        entry = catalog.entry(slug)
        if not force and is_up_to_date(entry):
            console.print(f"{slug}: up to date", highlight=False)
            continue
        console.print(f"{slug}: seeds {', '.join(map(str, entry.seeds))}", highlight=False)
        ship(entry, device=device, sources=sources, force=force)


def ship(entry: Entry, *, device: str | None = None, sources: Sources = DEFAULT, force: bool = False) -> Path:
    """Train all seeds of `entry`, test each once, and write the first with all figures to models/checkpoints.

    force: train the first seed even if its checkpoint, with figures on the test sets, has shipped.
    """
    shipped = paths.SHIPPED / entry.slug
    is_there = not force and _has_shipped(entry)
    missing = entry.seeds[1:] if is_there else entry.seeds
    tested = [_trained_and_tested(entry, seed, device, sources) for seed in missing]
    accuracies = [_accuracies(figures) for figures in tested]
    seeds = over_seeds([accuracies_in(shipped), *accuracies] if is_there else accuracies)
    first = _folder(entry, entry.seeds[0]) / FOLDER
    if is_there or (_has_weights_of(shipped, first) and accuracies_in(shipped)):
        # Its studies, its map and its figures on further sets stay.
        record_seeds(shipped, seeds)
        return shipped
    had_map = _has_map(shipped)
    writing.write(shipped, files_of(first))
    runs = times_tested(first.parent.name, next(iter(tested[0])))
    record_evaluation(shipped, sources, test=tested[0], seeds=seeds, runs=runs)
    if had_map:
        add_map(shipped, sources)
    return shipped


def refresh(slug: str) -> Path:
    """Rewrite the texts of a shipped checkpoint: task, title, description, licences, card.

    Weights and figures are kept.

    Raises ZooError if the labels of the task have changed.
    """
    entry, folder = catalog.entry(slug), paths.SHIPPED / slug
    before = checkpoint.Checkpoint.open(folder)
    task = catalog.task(entry.task)
    if task.labels != before.task.labels:
        raise ZooError(f"The labels of {slug} are not those of the task {task.slug}; train it again.")
    texts = {"task": json.loads(json.dumps(task.to_dict())), "title": entry.title, "description": entry.description}
    texts["data"] = tuple(
        data.model_copy(update={"licence": dataset(data.name).licence}) for data in before.config.data
    )
    config = before.config.model_copy(update=texts)
    writing.retitle(folder, config, card(config, before.evaluation))
    return folder


def key_of(entry: Entry) -> str:
    """A hash of the recipe, the source of the net's function, the processor's settings and the backbone's file.

    Hyperparameters at their defaults are left out, so that recipes can gain new ones. Changes in the code behind the
    processor and the net are detected by the contract tests on `golden.json`.
    """
    start = file_of(entry.recipe.start_from)
    backbone = [hashlib.sha256(start.read_bytes()).hexdigest()] if start and start.is_file() else []
    parts = [changes_from_defaults(entry.recipe), inspect.getsource(entry.net), entry.processor().to_dict(), *backbone]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def is_up_to_date(entry: Entry) -> bool:
    """Whether the shipped checkpoint has the current recipe, net and processor, and the figures of all seeds."""
    folder = paths.SHIPPED / entry.slug
    if _key_in(folder) != key_of(entry):
        return False
    spread = checkpoint.Checkpoint.open(folder).evaluation.seeds or {}
    return all(len(figures.accuracies) == len(entry.seeds) for figures in spread.values()) and (
        bool(spread) or len(entry.seeds) == 1
    )


def _folder(entry: Entry, seed: int) -> Path:
    """The folder of the run of a seed."""
    return paths.data_home() / "runs" / f"{entry.slug}-seed{seed}"


def _has_shipped(entry: Entry) -> bool:
    """Whether the shipped checkpoint is that of the first seed and the current entry, and has been tested."""
    folder = paths.SHIPPED / entry.slug
    if _key_in(folder) != key_of(entry):
        return False
    opened = checkpoint.Checkpoint.open(folder)
    return opened.config.training.seed == entry.seeds[0] and bool(opened.evaluation.test)


def _trained_and_tested(entry: Entry, seed: int, device: str | None, sources: Sources) -> dict[str, Measured]:
    """Train and test a seed, if that has not been done before; returns its figures on the test sets."""
    folder, key = _folder(entry, seed), key_of(entry)
    if _key_in(folder / FOLDER) != key:
        _begin(folder, key)
        trained = run(entry, entry.recipe, folder, seed=seed, device=device_of(device), sources=sources, resume=True)
        (folder / "test.json").unlink(missing_ok=True)  # first, so that no figures are there with other weights
        write_seed(trained, folder, entry.slug, key=key)
    return _tested_once(folder, sources)


def _begin(folder: Path, key: str) -> None:
    """Prepare `folder` for a run: remove the state of a run with another key, keep that of one with the same key."""
    marker = folder / "key"
    if not marker.exists() or marker.read_text() != key:
        shutil.rmtree(folder, ignore_errors=True)
        paths.write_atomically(marker, key)


def _has_weights_of(folder: Path, other: Path) -> bool:
    """Whether the checkpoints in two folders have the same key and weights."""
    key = _key_in(folder)
    if key is None or key != _key_in(other):
        return False
    both = (checkpoint.Checkpoint.open(each).config.files["model.safetensors"] for each in (folder, other))
    return len(set(both)) == 1


def _has_map(folder: Path) -> bool:
    """Whether the checkpoint in `folder`, if there is one, has a map of features."""
    try:
        return checkpoint.Checkpoint.open(folder).has(checkpoint.MAP)
    except BadCheckpoint:
        return False


def _key_in(folder: Path) -> str | None:
    try:
        return checkpoint.Checkpoint.open(folder).config.training.key
    except BadCheckpoint:
        return None


def _tested_once(folder: Path, sources: Sources) -> dict[str, Measured]:
    """The figures on the test sets, measured once and stored beside the checkpoint."""
    file = folder / "test.json"
    if not file.exists():
        predictor = models.load(folder / FOLDER)
        figures = all_figures(predictor, "test", sources)
        for measured in figures.values():
            log_test_run(folder.name, predictor.fingerprint, measured)
        paths.write_atomically(file, RESULTS.dump_json(figures))
    return RESULTS.validate_json(file.read_bytes())


def _accuracies(tested: dict[str, Measured]) -> dict[str, float]:
    """The accuracies by test set, without out-of-distribution ones."""
    return {name: each.figures.accuracy for name, each in tested.items() if isinstance(each.figures, Figures)}
