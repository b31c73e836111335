"""Cross-validation of a model trained on a user's own examples: each round holds out another fifth of them for testing.

With few examples, one fifth gives a wide interval; over all rounds, each example is tested once. The result is recorded
in `evaluation.json` under `studies`. The model itself remains the one trained in the first round.
"""

import shutil
from pathlib import Path

import numpy as np
import torch

from models import paths
from models.checkpoint import Checkpoint
from models.evaluation import CrossValidation
from training import metrics
from training.batches import Batches, outputs
from training.custom.plan import Plan
from training.data import EXAMPLES
from training.data.dataset import Sources
from training.data.prepare import prepare
from training.evaluate import log_test, record_study
from training.run import device_of, run

LITTLE = 500  # with fewer examples, a model is cross-validated


def is_little(plan: Plan) -> bool:
    """Whether there are too few examples for one test split to be informative."""
    return len(plan.examples) < LITTLE


def cross_validate(plan: Plan, folder: Path, *, seed: int = 0, device: str | None = None) -> None:
    """Train and test the remaining rounds, and record all rounds in the checkpoint in `folder`, which has been tested.

    Ctrl-C raises KeyboardInterrupt and leaves the checkpoint as it is.
    """
    opened = Checkpoint.open(folder)
    name, labels = opened.config.slug, plan.task.labels
    tables = [np.array(opened.evaluation.test[EXAMPLES].confusion)]
    for number in range(1, plan.examples.rounds):
        work = paths.data_home() / "runs" / name / f"round-{number}"
        sources = Sources(examples=plan.examples.dataset(number))
        trained = run(
            plan.entry,
            plan.entry.recipe,
            work,
            task=plan.task,
            seed=seed,
            device=device_of(device),
            sources=sources,
            resume=False,
            title=f"round {number + 1} of {plan.examples.rounds}",
        )
        if trained.interrupted:
            raise KeyboardInterrupt
        test = prepare(EXAMPLES, "test", trained.prepared.processor, labels, sources)
        answers = outputs(trained.served.net, Batches(test, torch.device("cpu")))[0].argmax(dim=1).numpy()
        tables.append(metrics.confusion(test.labels, answers, len(labels)))
        accuracy = float((answers == test.labels).mean())
        log_test(f"{name}, round {number}", "", EXAMPLES, len(test), accuracy)
        shutil.rmtree(work, ignore_errors=True)  # rounds cannot be resumed
    record_study(folder, cross_validation=_summary(tables, labels))


def _summary(tables: list[np.ndarray], labels: tuple[str, ...]) -> CrossValidation:
    """The figures over all rounds, from the confusion matrices, (labels, labels), of each."""
    table = np.sum(tables, axis=0)
    right, count = int(table.diagonal().sum()), int(table.sum())
    return CrossValidation(
        rounds=len(tables),
        n=count,
        accuracy=right / count,
        interval=metrics.wilson(right, count),
        accuracies=[float(each.diagonal().sum() / each.sum()) for each in tables],
        per_class=metrics.per_class(table, labels),
        confusion=table.tolist(),
    )
