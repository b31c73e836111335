"""A training run in steps: prepare, fit, calibrate, refit.

The first fit holds out the validation set and determines the number of epochs, the temperature and the threshold. If
the recipe has `refit`, the net is then trained again on the training and validation sets together, with these three
values. For a user's own examples, which may be few, the scale of familiarity is estimated on the validation set too and
kept: a net knows a few dozen training examples by heart, so that none of them looks like a new one.
"""

import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from models import catalog
from models.entry import Entry, Recipe
from models.nets.bank_familiarity import BankFamiliarity
from models.nets.familiarity import Familiarity, Served
from models.nets.learned_familiarity import LearnedFamiliarity
from models.task import Task
from training.batches import Batches, outputs
from training.calibrate import fit_temperature, fit_threshold
from training.data.dataset import Sources
from training.data.examples import Examples
from training.distributed import main_first
from training.familiarity import fit_familiarity, fit_scale, measured
from training.fit import Fitted, fit
from training.initialise import net_to_train, symbols_of, warm_head
from training.learned_familiarity import learn
from training.mean_features import mean_features
from training.preparation import Job, Prepared, prepare
from training.record import Record


@dataclass(frozen=True)
class Calibration:
    """Familiarity, temperature and threshold of a trained net. arguments: those `familiarity` was built with."""

    familiarity: Familiarity | LearnedFamiliarity | BankFamiliarity
    arguments: dict[str, Any]
    temperature: float
    threshold: float


@dataclass(frozen=True)
class Trained:
    """A trained and calibrated net.

    validated: the fit with the validation set held out. fitted: the one whose net is kept, the refit or `validated`.
    """

    job: Job
    prepared: Prepared
    served: Served
    calibration: Calibration
    validated: Fitted
    fitted: Fitted

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended the run early."""
        return self.validated.interrupted or self.fitted.interrupted

    @property
    def seconds(self) -> float:
        """The training time, including the computation of frozen features."""
        refit = self.fitted.seconds if self.fitted is not self.validated else 0.0
        features = self.prepared.frozen.seconds if self.prepared.frozen else 0.0
        return features + self.validated.seconds + refit


def run(
    entry: Entry,
    recipe: Recipe,
    work: Path,
    *,
    task: Task | None = None,
    seed: int,
    device: str,
    sources: Sources,
    resume: bool,
    title: str | None = None,
    record: Record | None = None,
    features: Path | None = None,
) -> Trained:
    """Train and calibrate the net of `entry`.

    work: the folder for the state that `resume` continues from; without `resume`, an older state is removed. task: one
    not in the catalog (default: the entry's). record, features: see `Job`. Raises ZooError, or KeyboardInterrupt before
    the first epoch is finished.
    """
    task = task or catalog.task(entry.task)
    if record:
        record.labels = task.labels
    job = Job(entry, task, recipe, seed, device, sources, work, resume, title or entry.slug, record, features=features)
    if not resume:
        for name in ("validated", "refit", "head", "head-refit"):
            shutil.rmtree(work / name, ignore_errors=True)
    prepared = main_first(lambda: prepare(job))
    validated = fit_validated(job, prepared)
    ran = len(validated.history)
    if recipe.patience and ran < recipe.epochs and not validated.interrupted:
        best = f"epoch {validated.epoch} is still the best"
        print(f"Stopped early, after epoch {ran} of {recipe.epochs}: {best}.", file=sys.stderr)
    if record:
        record.best(validated.history[validated.epoch - 1], sum(map(len, prepared.validation.values())), last=True)
    calibration = calibrate(validated.net, prepared, seed, device, job.is_own)
    fitted = validated
    if recipe.refit and not validated.interrupted:
        try:
            fitted, calibration = refit(job, prepared, validated, calibration)
        except KeyboardInterrupt:
            validated.interrupted = True  # keep its finished net rather than an incomplete refit
    return Trained(job, prepared, to_serve(prepared, fitted, calibration), calibration, validated, fitted)


def follow(job: Job) -> None:
    """Take part in the run of the main process (`training.torchrun`): the same fits, of which nothing is kept."""
    prepared = main_first(lambda: prepare(job))
    validated = fit_validated(job, prepared)
    if job.recipe.refit and not validated.interrupted:
        fit_everything(job, prepared, validated.epoch)


def to_serve(prepared: Prepared, fitted: Fitted, calibration: Calibration) -> Served:
    """The fitted net with its familiarity and, if the trunk is frozen, with the trunk."""
    net = prepared.frozen.with_head(fitted.net) if prepared.frozen else fitted.net
    return Served(net, calibration.familiarity).to("cpu", memory_format=torch.contiguous_format).eval()


def fit_validated(job: Job, prepared: Prepared) -> Fitted:
    """Train on the training sets and keep the epoch that is best on the validation sets."""
    net = net_to_train(job.entry, prepared.recipe, prepared.sizes, job.seed, prepared.processor)
    train = prepared.all_train
    warm_head(net, train, prepared.recipe, job.work / "head", job.fit_options)
    folder = job.work / "validated"
    part = job.part or "validation"
    options = {"folder": folder, "title": job.title, "part": part, **job.fit_options}
    return fit(net, train, prepared.validation, prepared.recipe, **options)


def calibrate(net: nn.Module, prepared: Prepared, seed: int, device: str, is_own: bool = False) -> Calibration:
    """Fit familiarity on the training sets, temperature and threshold on the validation sets held out from `net`.

    is_own: whether they are a user's own examples; the scale of familiarity is then fitted on the validation set too.
    """
    if prepared.exposure:
        familiarity, arguments, familiar = learn(net, prepared.exposure, device, seed, prepared.frozen is not None)
        splits = list(prepared.validation.values())
        logits = np.concatenate([outputs(net, Batches(split, torch.device(device)))[0] for split in splits])
        temperature = fit_temperature(logits, np.concatenate([split.labels for split in splits]))
        return Calibration(familiarity, arguments, temperature, fit_threshold(familiar))
    familiarity, arguments = familiarity_of(net, prepared, prepared.all_train, seed, device, is_own)
    scored = {name: measured(net, familiarity, split, device) for name, split in prepared.validation.items()}
    logits = np.concatenate([logits for logits, _ in scored.values()])
    labels = np.concatenate([split.labels for split in prepared.validation.values()])
    if is_own:
        fit_scale(familiarity, torch.cat([measures for _, measures in scored.values()]))
    scored |= {name: measured(net, familiarity, split, device) for name, split in prepared.unseen.items()}
    threshold = fit_threshold({name: familiarity.soft_minimum(each).numpy() for name, (_, each) in scored.items()})
    return Calibration(familiarity, arguments, fit_temperature(logits, labels), threshold)


def familiarity_of(
    net: nn.Module, prepared: Prepared, train: Examples, seed: int, device: str, is_own: bool
) -> tuple[Familiarity, dict[str, Any]]:
    """The familiarity of `net`, fitted on `train`, and its arguments.

    is_own: whether they are a user's own examples; of own texts, n-grams count too if they are hashed, and own photos
    are compared with the class means, relative to photos of all sorts if the trunk is frozen.
    """
    symbols = symbols_of(prepared.processor)
    if is_own and symbols and (buckets := prepared.processor.sizes().get("buckets")):
        symbols |= {"grams": buckets}
    options: dict[str, Any] = {"balance": prepared.recipe.balance, "outliers": prepared.outliers}
    kind = prepared.processor.kind
    options |= {"centres": prepared.centres, "prototypes": is_own and kind == "picture", "fields": kind == "fields"}
    if is_own and prepared.frozen:
        options["background"] = mean_features(prepared.recipe.start_from)
    return fit_familiarity(net, train, device, seed, **options, **symbols)


def refit(job: Job, prepared: Prepared, validated: Fitted, calibration: Calibration) -> tuple[Fitted, Calibration]:
    """Train again on all examples, for the best number of epochs; temperature and threshold are kept.

    The threshold of a learned familiarity belongs to it and is fitted again, on validation photos that the familiarity
    has not learned from. Ctrl-C raises KeyboardInterrupt.
    """
    if validated.epoch != job.recipe.epochs:
        epochs = f"{validated.epoch} epoch{'s' if validated.epoch > 1 else ''}"
        why = f"epoch {validated.epoch} of {job.recipe.epochs} was the best on the validation set"
        print(f"The second run, on the training and validation sets, takes {epochs}: {why}.", file=sys.stderr)
    fitted = fit_everything(job, prepared, validated.epoch)
    if prepared.exposure and prepared.frozen:
        return fitted, calibration  # learned familiarity does not depend on the head
    if prepared.exposure:
        familiarity, arguments, familiar = learn(fitted.net, prepared.exposure, job.device, job.seed, is_frozen=False)
        threshold = fit_threshold(familiar)
        return fitted, replace(calibration, familiarity=familiarity, arguments=arguments, threshold=threshold)
    familiarity, arguments = familiarity_of(fitted.net, prepared, prepared.everything, job.seed, job.device, job.is_own)
    if job.is_own:
        familiarity.mean.copy_(calibration.familiarity.mean)
        familiarity.deviation.copy_(calibration.familiarity.deviation)
    return fitted, replace(calibration, familiarity=familiarity, arguments=arguments)


def fit_everything(job: Job, prepared: Prepared, epochs: int) -> Fitted:
    """Train on the training and validation sets together, for `epochs` epochs with their own learning rate cycle.

    Ctrl-C raises KeyboardInterrupt.
    """
    everything = prepared.everything
    net = net_to_train(job.entry, prepared.recipe, prepared.sizes, job.seed, prepared.processor)
    warm_head(net, everything, prepared.recipe, job.work / "head-refit", job.fit_options)
    recipe, title = replace(prepared.recipe, epochs=epochs), f"{job.title}, on all"
    options = {"folder": job.work / "refit", "title": title, "part": job.part or "refit", **job.fit_options}
    fitted = fit(net, everything, None, recipe, **options)
    if fitted.interrupted:
        raise KeyboardInterrupt
    return fitted
