"""`python -m training cross-validate diabetes-mlp`: cross-validates entries of small data sets.

All examples of the entry's data set, those of the test split included, are divided into folds with the same shares of
labels. Each fold is tested once, by a net trained on the others with the entry's recipe. The figures over all folds are
recorded in the shipped checkpoint, which itself is trained on the usual training and validation splits. Recipes are
chosen on other divisions (`--fold-seed 1`), which are not recorded.
"""

import shutil
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedKFold

from models import catalog, paths
from models.calibration import log_softmax
from models.evaluation import CrossValidation
from models.task import Task
from training import metrics, recipe
from training.custom.cross_validation import Round, summary, tested
from training.data import EXAMPLES, dataset
from training.data.dataset import DEFAULT, Dataset, Raw, Sources
from training.evaluate import log_test, record_study
from training.run import Job, calibrate, device_of, fit_everything, fit_validated, prepare

ROUNDS = 10
VALIDATION = 9  # one in so many of the other examples


def cross_validate(
    slug: str,
    rounds: int = ROUNDS,
    fold_seed: int = 0,
    sources: Sources = DEFAULT,
    *,
    store: bool = True,
    **overrides: Any,
) -> CrossValidation:
    """The figures of entry `slug` over all folds.

    fold_seed: of the division into folds. store: whether to record them in the shipped checkpoint. overrides:
    hyperparameters of the recipe. Raises ZooError.
    """
    entry = catalog.entry(slug)
    chosen = recipe.changed(entry, overrides)
    (name,) = chosen.datasets
    task, whole = catalog.task(entry.task), dataset(name, sources)
    splits = [whole.read(split, sources) for split in whole.splits]
    inputs = [raw for split in splits for raw in split.inputs]
    labels = np.concatenate([split.labels for split in splits])
    folds = list(StratifiedKFold(rounds, shuffle=True, random_state=fold_seed).split(labels, labels))
    results: list[Round] = []
    for number, (rest, test) in enumerate(folds):
        parts = {"train": rest[np.arange(len(rest)) % VALIDATION > 0], "validation": rest[::VALIDATION], "test": test}

        def read(split: str, _: Sources, parts: dict[str, np.ndarray] = parts) -> Raw:
            rows = parts[split]
            return Raw([inputs[row] for row in rows], labels[rows], splits[0].classes, splits[0].sha256)

        fold = Dataset(EXAMPLES, whole.title, whole.address, whole.licence, read, cached=False)
        job = Job(
            entry=entry,
            task=task,
            recipe=replace(chosen, datasets=(EXAMPLES,)),
            seed=entry.seeds[0],
            device=device_of(None),
            sources=Sources(examples=fold),
            work=paths.data_home() / "runs" / f"{slug}-fold-{number}",
            resume=False,
            title=f"{slug}, fold {number + 1} of {rounds}",
        )
        prepared = prepare(job)
        fit_fold = fit_validated if chosen.keep_best else lambda *each: fit_everything(*each, chosen.epochs)
        fitted = fit_fold(job, prepared)
        if fitted.interrupted:
            raise KeyboardInterrupt
        results.append(tested(job, prepared, fitted))
        calibration = calibrate(fitted.net, prepared, job.seed, job.device, job.is_own)
        shutil.rmtree(job.work, ignore_errors=True)
    study = summary(results, task.labels, calibration)
    study = study.model_copy(update={"dataset": name, "fold_seed": fold_seed, **_more(results, task)})
    if store:
        path = paths.SHIPPED / slug
        log_test(f"{slug}, {rounds} folds", "", name, len(labels), study.accuracy)
        record_study(path, cross_validation=study)
    return study


def _more(results: list[Round], task: Task) -> dict[str, Any]:
    """The negative log-likelihood, and for two labels the area under the ROC curve, with 95% intervals."""
    labels = np.concatenate([each.labels for each in results])
    scores = log_softmax(np.concatenate([each.logits for each in results]).astype(np.float64))
    nll, nll_interval = metrics.mean_and_interval(-scores[np.arange(len(labels)), labels])
    more = {"nll": nll, "nll_interval": nll_interval}
    if len(task.labels) == 2:
        more["auroc"], more["auroc_interval"] = metrics.auroc(scores[:, 1] - scores[:, 0], labels == 1)
    return more
