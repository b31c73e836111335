"""What a run trains on: its settings, the processed data sets, and the features of a frozen trunk."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from models.entry import Entry, Recipe
from models.errors import ZooError
from models.processors.base import Processor
from models.processors.photo import Photo
from models.task import Task
from training.backbone import sizes_of
from training.data.availability import trainable
from training.data.dataset import Sources
from training.data.examples import Examples
from training.data.prepare import prepare as prepare_split
from training.data.prepare import raw_split
from training.familiarity import CENTRES
from training.frozen import Frozen
from training.initialise import fitted_processor, new_net
from training.outliers import Exposure, exposure
from training.record import Record

SAMPLE = 64  # training examples for the export


@dataclass(frozen=True)
class Job:
    """The settings of a run.

    work: the folder for its state. title: shown in the progress bar. record: of the run, if there is one. part: the one
    of the run that this is ("round 2 of 5"), if it is not the validated run and the refit. features: the folder for
    the features of a user's own examples (default: in `work`).
    """

    entry: Entry
    task: Task
    recipe: Recipe
    seed: int
    device: str
    sources: Sources
    work: Path
    resume: bool
    title: str
    record: Record | None = None
    part: str = ""
    features: Path | None = None

    @property
    def is_own(self) -> bool:
        """Whether it trains on a user's own examples."""
        return self.sources.examples is not None

    @property
    def fit_options(self) -> dict[str, Any]:
        """The keyword arguments of every `fit` of this run."""
        return {"seed": self.seed, "device": self.device, "resume": self.resume, "record": self.record}


@dataclass(frozen=True)
class Prepared:
    """The data of a run, and the arguments of the net that depend on them.

    train, validation: examples by data set; if the trunk is frozen, their features.
    recipe: the job's, without augmentation if the trunk is frozen. sizes: arguments of the entry's net.
    sample: processed training examples for the export, name -> (N, ...), N at most SAMPLE.
    exposure: what familiarity is learned from, for entries with outliers.
    outliers: inputs that are not of the task, by data set, for familiarity. unseen: for a recipe with `few`, the whole
    validation sets, for the threshold: by writers that are not in training, unlike the few validation examples.
    centres: of the features, in familiarity.
    """

    processor: Processor
    sizes: dict[str, Any]
    recipe: Recipe
    train: dict[str, Examples]
    validation: dict[str, Examples]
    sample: dict[str, np.ndarray]
    frozen: Frozen | None
    exposure: Exposure | None = None
    outliers: dict[str, Examples] = field(default_factory=dict)
    unseen: dict[str, Examples] = field(default_factory=dict)
    centres: int = CENTRES

    @property
    def all_train(self) -> Examples:
        """The training sets, joined."""
        return Examples.join(list(self.train.values()))

    @property
    def everything(self) -> Examples:
        """The training and validation sets, joined."""
        return Examples.join([self.all_train, *self.validation.values()])


def prepare(job: Job, processor: Processor | None = None) -> Prepared:
    """Read and process the data sets of the recipe, and compute their features if the trunk is frozen.

    processor: a fitted one (default: the entry's, fitted on the training sets). Raises ZooError.
    """
    if processor is None:
        _check_labels(job)
        processor = fitted_processor(job.entry, job.recipe, job.sources, job.task)
    sizes = {
        "classes": len(job.task.labels),
        **processor.sizes(),
        **sizes_of(job.recipe.start_from),
    }
    # Weights that do not fit are refused here, before the data are processed.
    start = new_net(job.entry, job.recipe, sizes, job.seed, processor) if job.recipe.start_from else None
    train, validation = (
        {name: prepare_split(name, split, processor, job.task.labels, job.sources) for name in job.recipe.datasets}
        for split in ("train", "validation")
    )
    unseen = validation if job.recipe.few and job.entry.outliers else {}
    if job.recipe.few:
        train, validation = _few(train, job.recipe.few, job.seed)
    joined = Examples.join(list(train.values()))
    sample = {name: array[:SAMPLE] for name, array in joined.inputs.items()}
    exposed, outliers = None, {}
    if job.entry.outliers and not job.is_own:  # they may show what a user's own task is about
        if isinstance(processor, Photo):
            exposed = exposure(job.entry.outliers, joined, validation, processor, job.sources, job.seed)
        elif job.recipe.datasets == job.entry.recipe.datasets:  # not for other data
            outliers = {name: prepare_split(name, "train", processor, (), job.sources) for name in job.entry.outliers}
    if not job.recipe.frozen:
        own = (None, exposed, outliers, unseen, job.entry.centres)
        return Prepared(processor, sizes, job.recipe, train, validation, sample, *own)
    cache = (job.features or job.work / "features") if job.is_own else None
    net = start or new_net(job.entry, job.recipe, sizes, job.seed, processor)
    frozen = Frozen(net, job.device, cache)
    train, validation = (
        {name: frozen.through(examples) for name, examples in sets.items()} for sets in (train, validation)
    )
    if job.is_own:
        frozen.remove_unused()
    recipe = replace(job.recipe, augment=None)  # features cannot be augmented as images
    exposed = exposed and exposed.through(frozen.net, job.device)
    return Prepared(processor, sizes, recipe, train, validation, sample, frozen, exposed)


def _check_labels(job: Job) -> None:
    """Raise ZooError if a data set has labels that the task does not have, or none.

    This takes a second; to process the data set may take minutes.
    """
    for name in job.recipe.datasets:
        raw = raw_split(name, "train", job.sources)
        if raw.labels is None or not {raw.classes[label] for label in np.unique(raw.labels)} <= {*job.task.labels}:
            has = "no labels" if raw.labels is None else "labels that the task does not have"
            fitting = trainable(tuple(dict.fromkeys((*job.task.datasets, *job.entry.recipe.datasets))))
            raise ZooError(
                f"The data set {name!r} does not fit the task {job.task.slug!r}: it has {has}. "
                f"Data sets that fit: {', '.join(fitting)}."
            )


def _few(train: dict[str, Examples], count: int, seed: int) -> tuple[dict[str, Examples], dict[str, Examples]]:
    """Draw `count` training and `count` validation examples per label of each training set, with `seed`."""
    drawn, held_out = {}, {}
    for name, examples in train.items():
        order = np.random.default_rng(seed).permutation(len(examples))
        rows = [order[examples.labels[order] == label][: 2 * count] for label in np.unique(examples.labels)]
        fewest = min(map(len, rows))
        if fewest < 2 * count:
            raise ZooError(
                f"{name!r} has a label with only {fewest} examples; --few {count} needs {2 * count} of each label."
            )
        drawn[name] = examples.take(np.concatenate([of_label[:count] for of_label in rows]))
        held_out[name] = examples.take(np.concatenate([of_label[count:] for of_label in rows]))
    return drawn, held_out
