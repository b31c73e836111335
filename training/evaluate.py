"""What a model does on a data set, in figures; and the record of it in the model's checkpoint."""

import csv
import io
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

import models
from models import catalog, paths
from models.checkpoint import Checkpoint
from models.config import Figure
from models.errors import ZooError
from models.predictor import Predictor
from models.writing import record
from training import metrics
from training.card import card
from training.custom.sources import examples_of
from training.data import EXAMPLES
from training.data.dataset import offline
from training.data.examples import Examples
from training.data.prepare import prepare

LOG = "test-runs.csv"
TENTHS = 10  # bins of equal size, of the calibration error that is held against chance
OWN = 2_000  # inputs of the task that those not of it are told apart from, drawn by seed 0 where there are more


def evaluate(
    id: str, on: str | None = None, part: str = "test", root: Path | None = None, examples: Path | None = None
) -> dict[str, Any]:
    """What `zoo evaluate ID --on DATASET --part PART --json` prints; nothing is written but, for a test part, the log of test runs.

    examples: where those of a model of one's own lie, if no longer where they were. On inputs not of the task `accuracy` and `interval` are None and `abstained` and `refused` count. All shares are of 1.
    """
    predictor = models.load(id)
    name = on or _default(predictor)
    with examples_of(predictor, examples) if name == EXAMPLES else nullcontext():
        figures = figures_on(predictor, name, part, root)
    if part == "test":
        log_test_run(id, predictor.fingerprint, figures)
    return figures


def figures_on(predictor: Predictor, name: str, part: str, root: Path | None = None) -> dict[str, Any]:
    """The figures of one model on one part of one data set, inputs not of the task included."""
    examples = prepare(name, part, predictor.processor, predictor.task.labels, root)
    n = len(examples) + examples.refused
    logits, familiarity = predictor.scores(examples.inputs)
    kept = familiarity >= predictor.config.threshold
    head = {"slug": predictor.config.slug, "dataset": name, "part": part, "n": n, "accuracy": None, "interval": None}
    if (examples.labels < 0).all():
        return {
            **head,
            "kept": float(kept.sum() / n),
            "abstained": float((~kept).sum() / n),
            "refused": examples.refused / n,
            "auroc": _auroc(predictor, familiarity, part, root),
        }
    if (examples.labels < 0).any():
        raise ZooError(
            f"Some labels of {name!r} are none of this model's; choose a data set of the task, or one of none of it."
        )
    labelled = _labelled(examples, logits, predictor.config.temperature, predictor.task.labels)
    return {**head, **labelled, "kept": float(kept.sum() / n), "refused": examples.refused / n}


def _auroc(predictor: Predictor, foreign: np.ndarray, part: str, root: Path | None) -> float | None:
    """How well familiarity tells the task's own inputs from `foreign` ones, whatever the threshold: the area under the ROC curve.

    None where the task's first data set is not here.
    """
    try:
        with offline():
            own = prepare(_default(predictor), part, predictor.processor, predictor.task.labels, root)
    except ZooError:
        return None
    drawn = own.take(np.random.default_rng(0).permutation(len(own))[:OWN])
    _, familiar = predictor.scores(drawn.inputs)
    is_own = np.r_[np.ones(len(familiar)), np.zeros(len(foreign))]
    return float(roc_auc_score(is_own, np.r_[familiar, foreign]))


def _labelled(examples: Examples, logits: np.ndarray, temperature: float, names: tuple[str, ...]) -> dict[str, Any]:
    labels, answers = examples.labels, logits.argmax(axis=1)
    right, n = answers == labels, len(labels) + examples.refused
    table = metrics.confusion(labels, answers, len(names))
    figures: dict[str, Any] = {
        "accuracy": float(right.sum() / n),
        "interval": list(metrics.wilson(int(right.sum()), n)),
    }
    for suffix, scaled in (("", logits / temperature), ("_before", logits)):
        confidence = np.exp(metrics.log_softmax(scaled).max(axis=1))
        figures[f"nll{suffix}"] = metrics.negative_log_likelihood(scaled, labels)
        figures[f"ece{suffix}"] = metrics.calibration_error(confidence, right)
        figures[f"ece_equal{suffix}"] = metrics.calibration_error(confidence, right, equal_size=True)
        if not suffix:
            figures["reliability"] = metrics.reliability(confidence, right)
            figures["ece_tenths"] = metrics.calibration_error(confidence, right, equal_size=True, bins=TENTHS)
            figures["ece_tenths_by_chance"] = list(metrics.calibration_range(confidence, TENTHS))
    per_class = metrics.per_class(table, names)
    recall, precision = (np.array([c[k] for c in per_class.values()]) for k in ("recall", "precision"))
    figures["macro_f1"] = float(np.mean(2 * precision * recall / np.maximum(precision + recall, 1e-12)))
    return {**figures, "per_class": per_class, "confusion": table.tolist()}


def all_figures(predictor: Predictor, part: str, root: Path | None = None) -> dict[str, dict[str, Any]]:
    """data set -> figures, for every data set the task names: its own and, on the test part, those not of it."""
    task = predictor.task
    names = (*task.datasets, *(task.ood_datasets if part == "test" else ()))
    return {name: figures_on(predictor, name, part, root) for name in names}


def record_what_is_here(folder: Path, root: Path | None = None) -> tuple[str, ...]:
    """`record_evaluation` on the task's data sets that are here; the names of the others, which would have to be fetched.

    Where none of the task's own is here nothing is tested.
    """
    predictor = models.load(folder)
    task, test = predictor.task, {}
    for name in (*task.datasets, *task.ood_datasets):
        if name in task.datasets or test:
            try:
                with offline():
                    test[name] = figures_on(predictor, name, "test", root)
            except ZooError:
                continue
            log_test_run(predictor.config.slug, predictor.fingerprint, test[name])
    if test:
        record_evaluation(folder, root, test=test)
    return tuple(name for name in (*task.datasets, *task.ood_datasets) if name not in test)


def record_study(folder: Path, name: str, result: dict[str, Any]) -> None:
    """Write what a study found into the checkpoint in `folder`, under `studies`, hash and card with it, in one step."""
    opened = Checkpoint.open(folder)
    evaluation = {**opened.evaluation, "studies": {**opened.evaluation.get("studies", {}), name: result}}
    record(folder, evaluation, opened.config.figures, card(opened.config, evaluation))


def record_evaluation(
    folder: Path,
    root: Path | None = None,
    *,
    test: dict[str, dict[str, Any]] | None = None,
    seeds: dict[str, Any] | None = None,
    runs: int | None = None,
    examples: Path | None = None,
) -> dict[str, Any]:
    """Write the figures on validation and test into the checkpoint in `folder`, hash and card with them, in one step.

    test: figures by `all_figures` where the test parts have just been run. seeds: data set -> {"accuracies", "mean",
    "spread"} over several seeds. runs: how often the test part was run, one more than before unless said. examples: where those of
    a model of one's own lie. Returns the evaluation. Refused for models from the Hub.
    """
    predictor = models.load(folder)
    if any(model.origin == "hub" and model.path == folder for model in catalog.models()):
        raise ZooError(f"{predictor.id} came from the Hub; its figures are its author's. Evaluate it without --record.")
    before = predictor.checkpoint.evaluation
    with examples_of(predictor, examples):
        if test is None:
            test = all_figures(predictor, "test", root)
            for figures in test.values():
                log_test_run(predictor.config.slug, predictor.fingerprint, figures)
        validation = {data.name: figures_on(predictor, data.name, "validation", root) for data in predictor.config.data}
    evaluation = {
        **before,
        "test": {name: _short(figures) for name, figures in test.items() if figures["accuracy"] is not None},
        "validation": {name: _short(figures) for name, figures in validation.items()},
        "foreign": {name: _foreign(figures) for name, figures in test.items() if figures["accuracy"] is None},
        "test_runs": runs or before.get("test_runs", 0) + 1,
        **({"seeds": seeds} if seeds else {}),
    }
    headline = {
        name: Figure(accuracy=figures["accuracy"], interval=tuple(figures["interval"]), n=figures["n"])
        for name, figures in evaluation["test"].items()
    }
    record(folder, evaluation, headline, card(predictor.config, evaluation))
    return evaluation


def log_test_run(id: str, fingerprint: str, figures: dict[str, Any]) -> None:
    """Append one look at a test part to `ZOO_HOME/test-runs.csv`."""
    path = paths.data_home() / LOG
    columns = ("date", "model", "checkpoint", "dataset", "n", "accuracy", "abstained")
    values = (
        f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        id,
        fingerprint,
        figures["dataset"],
        figures["n"],
        figures["accuracy"],
    )
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    if not path.exists():
        writer.writerow(columns)
    writer.writerow((*values, figures.get("abstained")))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write(line.getvalue())
    except OSError as error:
        raise ZooError(f"Could not note the test run in {path}: {error.strerror}; free some space.") from error


def times_tested(id: str, name: str) -> int:
    """How many looks of model `id` at the test part of data set `name` the log has."""
    path = paths.data_home() / LOG
    if not path.exists():
        return 0
    with path.open(newline="") as file:
        return sum(row["model"] == id and row["dataset"] == name for row in csv.DictReader(file))


def _default(predictor: Predictor) -> str:
    if not predictor.task.datasets:
        raise ZooError(f"{predictor.id} names no data set of its task; say which with --on.")
    return predictor.task.datasets[0]


def _short(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in figures.items() if name not in ("slug", "dataset", "part")}


def _foreign(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: figures[name] for name in ("n", "abstained", "refused", "auroc") if figures.get(name) is not None}
