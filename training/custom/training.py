"""Trains a model on a user's own examples, as planned."""

from pathlib import Path
from typing import Any

from training.custom.cross_validation import cross_validate
from training.custom.plan import Plan
from training.data.dataset import Sources
from training.device import device_of
from training.record import Record, examples_folder
from training.run import Trained, run
from training.train import save


def train_on_examples(
    plan: Plan,
    name: str,
    record: Record,
    *,
    title: str | None = None,
    out: Path | None = None,
    seed: int = 0,
    device: str | None = None,
    sources: Sources,
) -> tuple[Path, Trained]:
    """Train the first round of `plan` and write its checkpoint; returns the folder and the trained net.

    record: of the run. The other arguments are those of `training.train.train`; `sources` includes the examples. Ctrl-C
    keeps the best epoch so far and writes the checkpoint. Raises ZooError.
    """
    trained = run(
        plan.entry,
        plan.entry.recipe,
        record.folder,
        task=plan.task,
        seed=seed,
        device=device_of(device),
        sources=sources,
        resume=record.resumed,
        record=record,
        features=examples_folder(name) / "features",
    )
    record.interrupted = trained.interrupted
    return save(trained, name, title=title, out=out), trained


def calibrate_over_rounds(plan: Plan, trained: Trained, name: str, **options: Any) -> Path:
    """Cross-validate `trained`, and write it again with the calibration of all rounds; returns the folder.

    options: `title` and `out`, as in `train_on_examples`. Ctrl-C raises KeyboardInterrupt and changes nothing.
    """
    calibrated, study = cross_validate(plan, trained, name)
    return save(calibrated, name, cross_validation=study, **options)
