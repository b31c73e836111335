"""`python -m training left-out holidays-efficientnet`: how many photos of a class left out of familiarity are rejected.

Each class of the task in turn is left out of everything that familiarity is learned from, its threshold included. Its
photos then are to be rejected as photos of other places are, which are reported and must not be chosen on. Only for
frozen trunks: another net has learned from the class itself.
"""

import numpy as np
import torch

from models import catalog, paths
from models.errors import ZooError
from training.calibrate import fit_threshold
from training.data.dataset import DEFAULT, Sources
from training.data.examples import Examples
from training.device import device_of
from training.learned_familiarity import learn
from training.outliers import Exposure
from training.preparation import Job, prepare


def left_out(slug: str, *, device: str | None = None, sources: Sources = DEFAULT) -> dict[str, float]:
    """The share of the training and validation photos of each class that is rejected if the class is left out.

    Raises ZooError if the entry has no frozen trunk or no outliers, or if they are not on this machine.
    """
    entry = catalog.entry(slug)
    task = catalog.task(entry.task)
    if not (entry.recipe.frozen and entry.outliers):
        raise ZooError(f"{slug} has no frozen trunk with a familiarity that is learned from outliers.")
    work = paths.data_home() / "runs" / f"{slug}-left-out"
    prepared = prepare(Job(entry, task, entry.recipe, 0, device_of(device), sources, work, False, slug))
    if not prepared.exposure:
        raise ZooError(f"The outliers of {slug} are not on this machine: {', '.join(entry.outliers)}.")
    return {label: rejected(prepared.exposure, number) for number, label in enumerate(task.labels)}


def rejected(exposed: Exposure, label: int) -> float:
    """The share of the photos of `label` below the threshold of a familiarity that was learned without them.

    exposed: with features and statistics in place of the pictures.
    """
    others = Exposure(
        _without(exposed.train, label),
        _without(exposed.degraded, label),
        {name: _without(examples, label) for name, examples in exposed.validation.items()},
        exposed.outliers,
    )
    familiarity, _, familiar = learn(None, others, "cpu", 0, is_frozen=True)
    unseen = Examples.join([exposed.train, *exposed.validation.values()])
    unseen = unseen.take(unseen.labels == label)
    values = familiarity(torch.from_numpy(unseen.inputs["features"]), torch.from_numpy(unseen.inputs["layers"]))
    return float(np.mean(values.numpy() < fit_threshold(familiar)))


def _without(examples: Examples, label: int) -> Examples:
    return examples.take(examples.labels != label)
