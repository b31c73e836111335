"""Evaluates models on data sets, records the figures in their checkpoints, and logs test runs."""

import csv
import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

import models
from models import catalog, paths
from models.calibration import log_softmax
from models.checkpoint import Checkpoint
from models.errors import ZooError
from models.evaluation import CrossValidation, Evaluation, Figures, OodFigures, SeedFigures
from models.predictor import Predictor
from models.writing import record
from training import metrics
from training.card import card
from training.custom.sources import with_examples
from training.data import EXAMPLES
from training.data.dataset import DEFAULT, Sources
from training.data.examples import Examples
from training.data.prepare import prepare

LOG = "test-runs.csv"
CONFIDENT = 0.9  # the probability from which a wrong answer counts as confident
CALIBRATION_BINS = 10  # of equal size, for the calibration error that is compared with chance
IN_DISTRIBUTION = 2_000  # inputs of the task for the AUROC; if there are more, as many are drawn with seed 0


@dataclass(frozen=True)
class Measured:
    """The figures of one model on one split of one data set."""

    slug: str
    dataset: str
    split: str
    figures: Figures | OodFigures | CrossValidation

    def to_dict(self) -> dict[str, Any]:
        """What `zoo evaluate --json` prints; on out-of-distribution inputs `accuracy` and `interval` are None."""
        head = {"slug": self.slug, "dataset": self.dataset, "split": self.split, "n": self.figures.n}
        figures = self.figures.model_dump(mode="json")
        if isinstance(self.figures, OodFigures):
            answered = max(0.0, 1.0 - self.figures.abstained - self.figures.refused)
            head |= {"accuracy": None, "interval": None, "kept": answered}
        if isinstance(self.figures, CrossValidation):
            head["refused"] = 0.0  # unreadable examples are left out
        return {**head, **figures}


def evaluate(
    id: str,
    on: str | None = None,
    split: str = "test",
    sources: Sources = DEFAULT,
    examples: Path | None = None,
) -> Measured:
    """The figures of model `id` on data set `on` (default: the task's first); a run on a test set is logged.

    split: "train", "validation" or "test". examples: the path of a user's own examples, if they were moved. Of a model
    that was trained on all of a user's examples, the figures on them are those of its cross-validation, as recorded.
    """
    predictor = models.load(id)
    name = on or _default(predictor)
    if study := _trained_on(predictor, name):
        return Measured(predictor.config.slug, name, "cross-validation", study)
    if name == EXAMPLES:
        sources = with_examples(sources, predictor, examples)
    figures = figures_on(predictor, name, split, sources)
    if split == "test":
        log_test_run(id, predictor.fingerprint, figures)
    return figures


def _trained_on(predictor: Predictor, name: str) -> CrossValidation | None:
    """The cross-validation of a model that was then trained on all examples of data set `name`; else None."""
    study = predictor.checkpoint.evaluation.studies.cross_validation
    return study if study and study.on_all and study.dataset == name else None


def figures_on(predictor: Predictor, name: str, split: str, sources: Sources = DEFAULT) -> Measured:
    """The figures of one model on one split of one data set, out-of-distribution ones included."""
    examples = prepare(name, split, predictor.processor, predictor.task.labels, sources)
    n = len(examples) + examples.refused
    if not len(examples):
        return Measured(predictor.config.slug, name, split, OodFigures(n=n, abstained=0.0, refused=1.0))
    logits, familiarity = predictor.scores(examples.inputs)
    answered = predictor.answered(examples.inputs, familiarity)
    figures: Figures | OodFigures
    if (examples.labels < 0).all():
        figures = OodFigures(
            n=n,
            abstained=float((~answered).sum() / n),
            refused=examples.refused / n,
            auroc=_auroc(predictor, familiarity, split, sources),
        )
    elif (examples.labels < 0).any():
        raise ZooError(f"Some labels of {name!r} are not labels of this model; choose a data set of its task.")
    else:
        figures = _labelled(examples, logits, answered, predictor)
    return Measured(predictor.config.slug, name, split, figures)


def _auroc(predictor: Predictor, ood: np.ndarray, split: str, sources: Sources) -> float | None:
    """How well familiarity separates inputs of the task from out-of-distribution ones: the area under the ROC curve.

    ood: familiarity of the out-of-distribution inputs, (N,). None if the task's first data set is not on this machine,
    or if the model was trained on all of it.
    """
    if _trained_on(predictor, _default(predictor)):
        return None
    try:
        local = replace(sources, download=False)
        examples = prepare(_default(predictor), split, predictor.processor, predictor.task.labels, local)
    except ZooError:
        return None
    drawn = examples.take(np.random.default_rng(0).permutation(len(examples))[:IN_DISTRIBUTION])
    _, familiar = predictor.scores(drawn.inputs)
    is_of_task = np.r_[np.ones(len(familiar)), np.zeros(len(ood))]
    return float(roc_auc_score(is_of_task, np.r_[familiar, ood]))


def _labelled(examples: Examples, logits: np.ndarray, answered: np.ndarray, predictor: Predictor) -> Figures:
    """Figures on labelled examples. logits: uncalibrated, (N, L); answered: bool (N,), without abstaining."""
    labels, names = examples.labels, predictor.task.labels
    answers = logits.argmax(axis=1)
    right, n = answers == labels, len(labels) + examples.refused
    table = metrics.confusion(labels, answers, len(names))
    per_class = metrics.per_class(table, names)
    scaled = logits / predictor.config.temperature
    confidence, confidence_before = (np.exp(log_softmax(each).max(axis=1)) for each in (scaled, logits))
    error = metrics.calibration_error
    losses = -log_softmax(scaled)[np.arange(len(labels)), labels]
    area = metrics.auroc(scaled[:, 1] - scaled[:, 0], labels == 1) if _has_two(labels, names) else (None, None)
    confidently_wrong = answered & ~right & (confidence >= CONFIDENT)
    return Figures(
        n=n,
        accuracy=float(right.sum() / n),
        interval=metrics.wilson(int(right.sum()), n),
        kept=float(answered.sum() / n),
        refused=examples.refused / n,
        accuracy_kept=float(right[answered].mean()) if answered.any() else None,
        confidently_wrong=float(confidently_wrong.sum() / n),
        macro_f1=metrics.macro_f1(per_class),
        nll=metrics.negative_log_likelihood(scaled, labels),
        nll_interval=metrics.mean_and_interval(losses)[1] if len(labels) > 1 else None,
        nll_before=metrics.negative_log_likelihood(logits, labels),
        auroc=area[0],
        auroc_interval=area[1],
        ece=error(confidence, right),
        ece_before=error(confidence_before, right),
        ece_equal=error(confidence, right, equal_size=True),
        ece_equal_before=error(confidence_before, right, equal_size=True),
        ece_equal_10=error(confidence, right, equal_size=True, bins=CALIBRATION_BINS),
        ece_equal_10_by_chance=metrics.calibration_range(confidence, CALIBRATION_BINS),
        per_class=per_class,
        confusion=table.tolist(),
        reliability=metrics.reliability(confidence, right),
    )


def _has_two(labels: np.ndarray, names: tuple[str, ...]) -> bool:
    """Whether there are examples of two labels, and no further label."""
    return len(names) == 2 and set(labels.tolist()) == {0, 1}


def all_figures(predictor: Predictor, split: str, sources: Sources = DEFAULT) -> dict[str, Measured]:
    """Figures on every data set of the task and, for the test split, on the out-of-distribution ones, by data set."""
    task = predictor.task
    names = (*task.datasets, *(task.ood_datasets if split == "test" else ()))
    return {name: figures_on(predictor, name, split, sources) for name in names if not _trained_on(predictor, name)}


def record_available(folder: Path, sources: Sources = DEFAULT) -> tuple[str, ...]:
    """Record the evaluation on those data sets of the task that are on this machine; returns the names of the others.

    Nothing is tested if none of the task's own data sets is available.
    """
    predictor = models.load(folder)
    task, test = predictor.task, {}
    known = {name for name in task.datasets if _trained_on(predictor, name)}
    names = [name for name in (*task.datasets, *task.ood_datasets) if name not in known]
    for name in names:
        if name in task.datasets or test or known:
            try:
                test[name] = figures_on(predictor, name, "test", replace(sources, download=False))
            except ZooError:
                continue
            log_test_run(predictor.config.slug, predictor.fingerprint, test[name])
    if test:
        record_evaluation(folder, sources, test=test, predictor=predictor)
    return tuple(name for name in names if name not in test)


def record_study(folder: Path, **studies: Any) -> None:
    """Write results of studies (fields of `models.evaluation.Studies`) into a checkpoint; update card and hashes."""
    checkpoint = Checkpoint.open(folder)
    evaluation = checkpoint.evaluation
    evaluation = evaluation.model_copy(update={"studies": evaluation.studies.model_copy(update=studies)})
    record(folder, evaluation, evaluation.headline, card(checkpoint.config, evaluation))


def record_evaluation(
    folder: Path,
    sources: Sources = DEFAULT,
    *,
    test: dict[str, Measured] | None = None,
    seeds: dict[str, SeedFigures] | None = None,
    runs: int | None = None,
    examples: Path | None = None,
    predictor: Predictor | None = None,
) -> list[Measured]:
    """Write the figures on validation and test sets into the checkpoint in `folder`, and update card and hashes.

    test: figures from `all_figures`, if the test sets have just been run. seeds: figures over several seeds, by data
    set. runs: the number of test runs (default: one more than before). examples: the path of a user's own examples, if
    they were moved. predictor: the one that `test` was measured with. Returns the figures on the test sets. Raises
    ZooError for models from the Hub, and if the weights in the folder are no longer the predictor's.
    """
    predictor = predictor or models.load(folder)
    if any(model.origin == "hub" and model.path == folder for model in catalog.models()):
        raise ZooError(f"{predictor.id} came from the Hub; its figures are its author's. Evaluate it without --record.")
    before = predictor.checkpoint.evaluation
    sources = with_examples(sources, predictor, examples)
    if test is None:
        test = all_figures(predictor, "test", sources)
        for measured in test.values():
            log_test_run(predictor.config.slug, predictor.fingerprint, measured)
    names = [data.name for data in predictor.config.data if not _trained_on(predictor, data.name)]
    validation = {name: figures_on(predictor, name, "validation", sources) for name in names}
    of_task = {name: each.figures for name, each in test.items() if isinstance(each.figures, Figures)}
    evaluation = Evaluation(
        test=of_task,
        validation={name: each.figures for name, each in validation.items()},
        ood={name: each.figures for name, each in test.items() if isinstance(each.figures, OodFigures)},
        seeds=seeds or before.seeds,
        studies=before.studies,
        best_epoch=before.best_epoch,
        test_runs=runs or before.test_runs + 1,
    )
    written = card(predictor.config, evaluation)
    record(folder, evaluation, evaluation.headline, written, measured_on=predictor.fingerprint)
    return list(test.values())


def record_figures(folder: Path, name: str, sources: Sources = DEFAULT) -> Measured:
    """Test the checkpoint in `folder` on one data set, log the run, and write these figures into the checkpoint.

    The other figures are kept. Raises ZooError for models from the Hub.
    """
    predictor = models.load(folder)
    if any(model.origin == "hub" and model.path == folder for model in catalog.models()):
        raise ZooError(f"{predictor.id} came from the Hub; its figures are its author's. Evaluate it without --record.")
    if _trained_on(predictor, name):
        raise ZooError(f"{predictor.id} was trained on all of its examples, so none are left to test it on.")
    measured = figures_on(predictor, name, "test", sources)
    log_test_run(predictor.config.slug, predictor.fingerprint, measured)
    before = predictor.checkpoint.evaluation
    kind = "test" if isinstance(measured.figures, Figures) else "ood"
    evaluation = before.model_copy(update={kind: {**getattr(before, kind), name: measured.figures}})
    written = card(predictor.config, evaluation)
    record(folder, evaluation, evaluation.headline, written, measured_on=predictor.fingerprint)
    return measured


def log_test_run(id: str, fingerprint: str, measured: Measured) -> None:
    """Append the figures of a run on a test set to `ZOO_HOME/test-runs.csv`."""
    figures = measured.figures
    accuracy = figures.accuracy if isinstance(figures, Figures) else None
    abstained = figures.abstained if isinstance(figures, OodFigures) else None
    log_test(id, fingerprint, measured.dataset, figures.n, accuracy, abstained)


def log_test(
    id: str, fingerprint: str, dataset: str, n: int, accuracy: float | None, abstained: float | None = None
) -> None:
    """Append one line to `ZOO_HOME/test-runs.csv`."""
    path = paths.data_home() / LOG
    columns = ("date", "model", "checkpoint", "dataset", "n", "accuracy", "abstained")
    values = (f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", id, fingerprint, dataset, n, accuracy, abstained)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            text = io.StringIO()
            if not (end := file.tell()):
                csv.writer(text, lineterminator="\n").writerow(columns)
            elif file.seek(end - 1) >= 0 and file.read(1) != b"\n":
                text.write("\n")  # the process that wrote the last line was killed, or the disk was full
            csv.writer(text, lineterminator="\n").writerow(values)
            file.write(text.getvalue().encode())
    except OSError as error:
        raise ZooError(
            f"Could not log the test run in {path}: {error.strerror or error}. {paths.remedy(error)} with ZOO_HOME."
        ) from error


def times_tested(id: str, name: str) -> int:
    """The number of logged runs of model `id` on the test split of data set `name`."""
    path = paths.data_home() / LOG
    if not path.exists():
        return 0
    with path.open(newline="") as file:
        return sum(row["model"] == id and row["dataset"] == name for row in csv.DictReader(file))


def _default(predictor: Predictor) -> str:
    """The first data set of the model's task. Raises ZooError if the task names none."""
    if not predictor.task.datasets:
        raise ZooError(f"The task of {predictor.id} names no data set; pass one to --on.")
    return predictor.task.datasets[0]
