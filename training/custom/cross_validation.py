"""Cross-validation of a model of one's own: the same training again, each time with another fifth of the examples held back.

One fifth is too little for a narrow interval where there are few examples; over all rounds each example is tested once.
What is found stands in `evaluation.json` under `studies`; the model stays the one that was made in the first round.
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

LITTLE = 500  # examples; with fewer a model is cross-validated


def is_little(plan: Plan) -> bool:
    """Whether there are so few examples that one test part says little."""
    return len(plan.own) < LITTLE


def cross_validate(plan: Plan, folder: Path, *, seed: int = 0, device: str | None = None) -> None:
    """Train and test the other rounds, and record all of them in the checkpoint in `folder`, which has been tested.

    Ctrl-C raises KeyboardInterrupt and leaves the checkpoint as it is.
    """
    opened = Checkpoint.open(folder)
    name, labels = opened.config.slug, plan.task.labels
    tables = [np.array(opened.evaluation.test[EXAMPLES].confusion)]
    for number in range(1, plan.own.rounds):
        work = paths.data_home() / "runs" / name / f"round-{number}"
        sources = Sources(examples=plan.own.dataset(number))
        trained = run(
            plan.entry,
            plan.entry.recipe,
            work,
            task=plan.task,
            seed=seed,
            device=device_of(device),
            sources=sources,
            resume=False,
            title=f"round {number + 1} of {plan.own.rounds}",
        )
        if trained.interrupted:
            raise KeyboardInterrupt
        test = prepare(EXAMPLES, "test", trained.prepared.processor, labels, sources)
        answers = outputs(trained.served.net, Batches(test, torch.device("cpu")))[0].argmax(dim=1).numpy()
        tables.append(metrics.confusion(test.labels, answers, len(labels)))
        accuracy = float((answers == test.labels).mean())
        log_test(f"{name}, round {number}", "", EXAMPLES, len(test), accuracy)
        shutil.rmtree(work, ignore_errors=True)  # nobody resumes a round
    record_study(folder, cross_validation=_summary(tables, labels))


def _summary(tables: list[np.ndarray], labels: tuple[str, ...]) -> CrossValidation:
    """The figures over all rounds, from the confusion matrix of each."""
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
