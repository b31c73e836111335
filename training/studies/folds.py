"""`python -m training cross-validate diabetes-mlp`: cross-validates entries of small data sets.

All examples of the entry's data set, those of the test split included, are divided into folds with the same shares of
labels. Each fold is tested once, by a net trained on the others with the entry's recipe. With fewer than a thousand
examples, the result of one division differs from that of the next by a point, so that the figures are the mean over
several divisions; their interval is that of the number of examples. They are recorded in the shipped checkpoint, which
itself is trained on the usual training and validation splits.

Recipes are chosen on other divisions (`--fold-seed 0`), whose figures are not recorded.
"""

import shutil
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from sklearn.model_selection import StratifiedKFold

from models import catalog, paths
from models.calibration import log_softmax
from models.evaluation import CrossValidation
from models.task import Task
from training import metrics, recipe
from training.custom.cross_validation import Round, summary, tested
from training.data import EXAMPLES, dataset
from training.data.dataset import DEFAULT, Dataset, Raw, Sources
from training.device import device_of
from training.evaluate import log_test, record_study
from training.preparation import Job, prepare
from training.run import Calibration, calibrate, fit_everything, fit_validated

ROUNDS = 10
DIVISIONS = 5
FOLD_SEED = 100  # of the first division that is recorded; recipes are chosen on 0 to 99
VALIDATION = 9  # one in so many of the other examples


def cross_validate(
    slug: str,
    fold_seed: int = FOLD_SEED,
    divisions: int = DIVISIONS,
    sources: Sources = DEFAULT,
    *,
    store: bool = True,
    **overrides: Any,
) -> CrossValidation:
    """The figures of entry `slug` over all folds.

    fold_seed: of the first division; the others have the next ones. store: whether to record them in the shipped
    checkpoint. overrides: hyperparameters of the recipe. Raises ZooError.
    """
    entry = catalog.entry(slug)
    chosen = recipe.changed(entry, overrides)
    (name,) = chosen.datasets
    task, whole = catalog.task(entry.task), dataset(name, sources)
    splits = [whole.read(split, sources) for split in whole.splits]
    inputs = [raw for split in splits for raw in split.inputs]
    labels = np.concatenate([split.labels for split in splits])
    results: list[Round] = []
    for division in range(fold_seed, fold_seed + divisions):
        folds = StratifiedKFold(ROUNDS, shuffle=True, random_state=division).split(labels, labels)
        for number, (rest, test) in enumerate(folds, 1):
            validation = np.arange(len(rest)) % VALIDATION == 0
            rows = {"train": rest[~validation], "validation": rest[validation], "test": test}

            def read(split: str, _: Sources, rows: dict[str, np.ndarray] = rows) -> Raw:
                chosen_rows = rows[split]
                raws = [inputs[row] for row in chosen_rows]
                return Raw(raws, labels[chosen_rows], splits[0].classes, splits[0].sha256)

            job = Job(
                entry=entry,
                task=task,
                recipe=replace(chosen, datasets=(EXAMPLES,)),
                seed=entry.seeds[0],
                device=device_of(None),
                sources=Sources(
                    examples=Dataset(EXAMPLES, whole.title, whole.address, whole.licence, read, cached=False)
                ),
                work=paths.data_home() / "runs" / f"{slug}-fold-{number}",
                resume=False,
                title=f"{slug}, division {division}, fold {number}",
            )
            tested_fold, calibration = _fold(job)
            results.append(tested_fold)
    rounds = results if divisions == 1 else [_joined(results[i : i + ROUNDS]) for i in range(0, len(results), ROUNDS)]
    study = summary(rounds, task.labels, calibration)
    n, right = len(labels), round(study.accuracy * len(labels))
    study = study.model_copy(
        update={
            "dataset": name,
            "rounds": ROUNDS,
            "n": n,
            "interval": metrics.wilson(right, n),
            "fold_seed": fold_seed,
            "per_class": {  # counted in every division
                label: each.model_copy(update={"n": each.n // divisions}) for label, each in study.per_class.items()
            },
            **_more(results, task, divisions),
        }
    )
    if store:
        path = paths.SHIPPED / slug
        log_test(f"{slug}, {ROUNDS} folds", "", name, n, study.accuracy)
        record_study(path, cross_validation=study)
    return study


def _joined(rounds: list[Round]) -> Round:
    """The rounds of one division as one."""
    labels, logits = (np.concatenate([getattr(each, name) for each in rounds]) for name in ("labels", "logits"))
    return Round(labels, logits, torch.cat([each.measures for each in rounds]))


def _fold(job: Job) -> tuple[Round, Calibration]:
    """Train the net of a fold and test it; the validation examples are trained on too if no epoch is chosen by them."""
    prepared = prepare(job)
    fitted = fit_validated(job, prepared) if job.recipe.keep_best else fit_everything(job, prepared, job.recipe.epochs)
    if fitted.interrupted:
        raise KeyboardInterrupt
    calibration = calibrate(fitted.net, prepared, job.seed, job.device, job.is_own)
    shutil.rmtree(job.work, ignore_errors=True)
    return tested(job, prepared, fitted), calibration


def _more(results: list[Round], task: Task, divisions: int) -> dict[str, Any]:
    """The negative log-likelihood, and for two labels the area under the ROC curve, with 95% intervals.

    The scores of all divisions together; the intervals are those of the examples of one.
    """
    labels = np.concatenate([each.labels for each in results])
    scores = log_softmax(np.concatenate([each.logits for each in results]).astype(np.float64))
    nll, nll_interval = metrics.mean_and_interval(-scores[np.arange(len(labels)), labels], divisions)
    more = {"nll": nll, "nll_interval": nll_interval}
    if len(task.labels) == 2:
        more["auroc"], more["auroc_interval"] = metrics.auroc(scores[:, 1] - scores[:, 0], labels == 1, divisions)
    return more
