"""Cross-validation of a model trained on a user's own examples: each round holds out another fifth of them for testing.

With few examples, one fifth gives a wide interval; over all rounds, each example is tested once by a net that was not
trained on it. The rounds also calibrate the model: temperature, the scale of familiarity and the threshold are fitted
on all examples, where one validation set would have 3 to 12. The model itself is then trained on all examples; the
figures of the rounds, whose nets had four fifths of them, are rather too low for it. Without `refit` in the recipe, it
remains the one of the first round.
"""

import shutil
from dataclasses import dataclass, replace

import numpy as np
import torch

from models.evaluation import CrossValidation
from training import metrics
from training.calibrate import FEW, FEW_PHOTOS, FEW_TEXTS, fit_small_threshold, fit_temperature
from training.custom.plan import Plan
from training.data import EXAMPLES
from training.data.dataset import Sources
from training.data.prepare import prepare as prepare_split
from training.evaluate import log_test
from training.familiarity import fit_scale, measured
from training.fit import Fitted
from training.preparation import Job, Prepared, prepare
from training.run import Calibration, Trained, familiarity_of, fit_everything, fit_validated, to_serve


@dataclass(frozen=True)
class Round:
    """What the net of one round makes of the examples it was not trained on.

    labels: (N,). logits: (N, L). measures: of familiarity, unscaled, (N, M).
    """

    labels: np.ndarray
    logits: np.ndarray
    measures: torch.Tensor

    @property
    def right(self) -> np.ndarray:
        """Whether each answer is correct, bool (N,)."""
        return self.logits.argmax(axis=1) == self.labels


def cross_validate(plan: Plan, trained: Trained, name: str) -> tuple[Trained, CrossValidation]:
    """Train the remaining rounds and the model of all examples; returns it with the figures of the rounds.

    name: the model's, for the log of tests.

    Ctrl-C raises KeyboardInterrupt.
    """
    rounds = [tested(trained.job, trained.prepared, trained.fitted)]
    for number in range(1, plan.examples.rounds):
        work = trained.job.work / f"round-{number}"
        title = f"round {number + 1} of {plan.examples.rounds}"
        job = replace(
            trained.job,
            sources=Sources(examples=plan.examples.dataset(number)),
            work=work,
            resume=False,
            title=title,
            part=title,
        )
        prepared = prepare(job)
        fitted = fit_everything(job, prepared, job.recipe.epochs) if job.recipe.refit else fit_validated(job, prepared)
        if fitted.interrupted:
            raise KeyboardInterrupt
        rounds.append(tested(job, prepared, fitted))
        accuracy = float(rounds[-1].right.mean())
        log_test(f"{name}, round {number}", "", EXAMPLES, len(rounds[-1].labels), accuracy)
        shutil.rmtree(work, ignore_errors=True)  # rounds cannot be resumed
    calibration = _calibrated(trained.calibration, rounds)
    study = summary(rounds, plan.task.labels, calibration)
    if trained.job.recipe.refit:
        return _on_all(plan, trained, calibration), study.model_copy(update={"on_all": True})
    served = to_serve(trained.prepared, trained.fitted, calibration)
    return replace(trained, calibration=calibration, served=served), study


def _on_all(plan: Plan, trained: Trained, calibration: Calibration) -> Trained:
    """The model trained on all examples, with the scale of familiarity, temperature and threshold of the rounds."""
    work = trained.job.work / "all"
    sources = Sources(examples=plan.examples.dataset(whole=True))
    job = replace(trained.job, sources=sources, work=work, resume=False, title="all examples", part="all examples")
    prepared = replace(prepare(job), validation={})  # they are in the training split too
    fitted = fit_everything(job, prepared, job.recipe.epochs)
    before, train = calibration.familiarity, prepared.all_train
    familiarity, arguments = familiarity_of(fitted.net, prepared, train, job.seed, job.device, job.is_own)
    familiarity.mean.copy_(before.mean)
    familiarity.deviation.copy_(before.deviation)
    shutil.rmtree(work, ignore_errors=True)
    calibration = replace(calibration, familiarity=familiarity, arguments=arguments)
    served = to_serve(prepared, fitted, calibration)
    return replace(trained, prepared=prepared, fitted=fitted, calibration=calibration, served=served)


def tested(job: Job, prepared: Prepared, fitted: Fitted) -> Round:
    """What the net makes of the test split of the job's examples."""
    test = prepare_split(EXAMPLES, "test", prepared.processor, job.task.labels, job.sources)
    if prepared.frozen:
        test = prepared.frozen.through(test)
    train = prepared.everything if job.recipe.refit else prepared.all_train
    familiarity, _ = familiarity_of(fitted.net, prepared, train, job.seed, job.device, job.is_own)
    return Round(test.labels, *measured(fitted.net, familiarity, test, job.device))


def _calibrated(before: Calibration, rounds: list[Round]) -> Calibration:
    """The calibration of a net, with temperature, threshold and the scale of its familiarity fitted on all rounds."""
    fit_scale(before.familiarity, torch.cat([each.measures for each in rounds]))
    logits, labels = (np.concatenate([getattr(each, name) for each in rounds]) for name in ("logits", "labels"))
    familiar = np.concatenate(_familiar(before, rounds))
    return replace(before, temperature=fit_temperature(logits, labels), threshold=_threshold(before, familiar))


def _threshold(calibration: Calibration, familiar: np.ndarray) -> float:
    if calibration.arguments.get("prototypes"):
        return fit_small_threshold(familiar, FEW_PHOTOS)
    return fit_small_threshold(familiar, FEW_TEXTS if calibration.arguments.get("grams") else FEW)


def _familiar(calibration: Calibration, rounds: list[Round]) -> list[np.ndarray]:
    return [calibration.familiarity.soft_minimum(each.measures).numpy() for each in rounds]


def summary(rounds: list[Round], labels: tuple[str, ...], calibration: Calibration) -> CrossValidation:
    """The figures over all rounds."""
    tables = [metrics.confusion(each.labels, each.logits.argmax(axis=1), len(labels)) for each in rounds]
    table = np.sum(tables, axis=0)
    right, count = int(table.diagonal().sum()), int(table.sum())
    familiar, answered = _familiar(calibration, rounds), 0
    for number, values in enumerate(familiar):  # at the threshold of the other rounds
        others = np.concatenate([*familiar[:number], *familiar[number + 1 :]])
        answered += int((values >= _threshold(calibration, others)).sum())
    return CrossValidation(
        rounds=len(tables),
        n=count,
        accuracy=right / count,
        interval=metrics.wilson(right, count),
        kept=answered / count,
        accuracies=[float(each.right.mean()) for each in rounds],
        per_class=metrics.per_class(table, labels),
        confusion=table.tolist(),
    )
