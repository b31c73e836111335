"""`python -m training snapshots ID`: repeats the training of a shipped small net and adds its snapshots.

Only the run whose net ships is repeated: the refit if there was one, for the same number of epochs. The snapshots are
added if the same weights come out; nothing else in the checkpoint changes but the list of hashes in config.json.
"""

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from models import catalog, paths
from models.checkpoint import Checkpoint
from models.entry import Recipe
from models.errors import ZooError
from models.snapshots import FILE, PREFIX, Snapshots
from models.writing import attach
from training.data.dataset import DEFAULT, Sources
from training.device import device_of
from training.fit import Fitted
from training.preparation import Job, prepare
from training.recipe import defaults
from training.run import fit_everything, fit_validated


def add_snapshots(folder: Path, sources: Sources = DEFAULT, device: str | None = None) -> Snapshots:
    """Repeat the training of the shipped checkpoint in `folder` and add its snapshots; returns them.

    Raises ZooError if the training cannot be repeated, does not give the same weights, or the net is too large.
    Ctrl-C changes nothing; the next call continues.
    """
    checkpoint = Checkpoint.open(folder)
    config = checkpoint.config
    entry, training = catalog.entry(config.net.name), config.training
    if {**defaults(Recipe), **training.recipe} != json.loads(json.dumps(asdict(entry.recipe))):
        raise ZooError(f"{config.slug} was not trained with its entry's current recipe; train it again.")
    work = paths.data_home() / "runs" / f"{config.slug}-snapshots"
    entry = replace(entry, outliers=())  # only familiarity learns from them, and they take minutes to read
    job = Job(entry, checkpoint.task, entry.recipe, training.seed, device_of(device), sources, work, True, config.slug)
    prepared = prepare(job)
    fitted = fit_everything(job, prepared, training.best_epoch) if training.refitted else fit_validated(job, prepared)
    if fitted.interrupted:
        raise KeyboardInterrupt
    _check_same(fitted, checkpoint)
    if fitted.snapshots is None:
        raise ZooError(f"The net of {config.slug} is too large for snapshots.")
    attach(folder, FILE, fitted.snapshots.to_bytes())
    shutil.rmtree(work, ignore_errors=True)
    return fitted.snapshots


def _check_same(fitted: Fitted, checkpoint: Checkpoint) -> None:
    """Raise ZooError if the net is not that of the checkpoint."""
    shipped = checkpoint.tensors()
    largest = 0.0
    for name, tensor in fitted.net.state_dict().items():
        expected = shipped[PREFIX + name]
        got = tensor.cpu().numpy().astype(expected.dtype).astype(np.float64)
        largest = max(largest, float(np.abs(got - expected.astype(np.float64)).max()))
    if largest:
        raise ZooError(
            f"The training of {checkpoint.config.slug} gave other weights on this machine (largest difference "
            f"{largest:.2g}); its snapshots would not be those of the shipped net. It was trained on "
            f"{checkpoint.config.training.machine}."
        )
