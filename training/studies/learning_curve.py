"""`python -m training study letters`: measures the benefit of transfer for different numbers of examples.

An entry that starts from another model and one that starts from random weights are trained on the same examples with
the same seeds. Each keeps its own recipe, except that the study sets the epochs and, for few examples, the batch size.
Each net is tested once. Accuracies are stored in ZOO_HOME/runs/study-<name>-<key>.json, so an interrupted study can be
continued. At the end, or after Ctrl-C, the study is recorded in the `evaluation.json` of both checkpoints, under
`studies`, with the numbers of examples for which all seeds are finished.
"""

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy import stats

from models import catalog, paths
from models.evaluation import Curve, LearningCurve
from training.batches import Batches, outputs
from training.data.dataset import DEFAULT, Sources
from training.data.prepare import prepare
from training.device import device_of
from training.evaluate import log_test, record_study
from training.release import key_of
from training.run import run


@dataclass(frozen=True)
class Design:
    """The design of a study.

    scratch, transfer: the entries compared. epochs: training examples per label -> epochs.
    """

    scratch: str
    transfer: str
    epochs: dict[int, int]
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)


STUDIES = {
    # Fewer epochs for more examples: equal steps would overfit the small sets, equal epochs would take too long on the
    # large ones.
    "letters": Design("letters-scratch", "letters-transfer", {5: 80, 10: 60, 20: 60, 50: 20, 200: 8}),
}


def study(name: str, *, device: str | None = None, sources: Sources = DEFAULT) -> LearningCurve:
    """Do the missing runs of a study of STUDIES, record it in both checkpoints, and return it."""
    design = STUDIES[name]
    path = paths.data_home() / "runs" / f"study-{name}-{_key(design)}.json"
    accuracies: dict[str, float] = json.loads(path.read_text()) if path.exists() else {}
    with suppress(KeyboardInterrupt):
        for size in sorted(design.epochs, key=lambda size: (size != 20, size)):  # 20 first: the headline figure
            for seed in design.seeds:
                for slug in (design.scratch, design.transfer):
                    key = f"{slug} {size} {seed}"
                    if key not in accuracies:
                        accuracies[key] = _accuracy(slug, size, design.epochs[size], seed, device_of(device), sources)
                        print(f"{key}: {accuracies[key]:.4f}", flush=True)
                        paths.write_atomically(path, json.dumps(accuracies, indent=1))
    result = _summary(design, accuracies)
    for slug in (design.scratch, design.transfer):
        record_study(catalog.find(slug).path, learning_curve=result)
    return result


def _key(design: Design) -> str:
    """A hash of both recipes and the study's epochs, so that old accuracies are not mixed with new ones."""
    parts = [key_of(catalog.entry(design.scratch)), key_of(catalog.entry(design.transfer)), design.epochs]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:8]


def _accuracy(slug: str, size: int, epochs: int, seed: int, device: str, sources: Sources) -> float:
    """Train entry `slug` on `size` examples per label; returns its accuracy on the test set."""
    entry = replace(catalog.entry(slug), outliers=())  # only the accuracy is measured
    recipe = replace(entry.recipe, few=size, epochs=epochs, batch=min(entry.recipe.batch, 2 * size))
    work = paths.data_home() / "runs" / f"study-{slug}-{size}-{seed}"
    trained = run(entry, recipe, work, seed=seed, device=device, sources=sources, resume=False)
    if trained.validated.interrupted:
        raise KeyboardInterrupt  # an incompletely trained net is not counted
    task = catalog.task(entry.task)
    test = prepare(task.datasets[0], "test", trained.prepared.processor, task.labels, sources)
    logits, _ = outputs(trained.served.net, Batches(test, torch.device("cpu")))
    accuracy = float((logits.argmax(dim=1).numpy() == test.labels).mean())
    log_test(work.name, "", task.datasets[0], len(test), accuracy)
    return accuracy


def _summary(design: Design, accuracies: dict[str, float]) -> LearningCurve:
    """Means over the seeds with 95% intervals (Student's t), for both entries and their paired difference.

    Covers the sizes for which all seeds are finished. Raises KeyboardInterrupt if there are none.
    """
    both = (design.scratch, design.transfer)
    sizes = [
        size
        for size in sorted(design.epochs)
        if all(f"{slug} {size} {seed}" in accuracies for slug in both for seed in design.seeds)
    ]
    if not sizes:
        raise KeyboardInterrupt
    values = {
        slug: np.array([[accuracies[f"{slug} {size} {seed}"] for seed in design.seeds] for size in sizes])
        for slug in both
    }
    return LearningCurve(
        sizes=sizes,
        seeds=list(design.seeds),
        models={slug: over_seeds(table) for slug, table in values.items()},
        difference=over_seeds(values[design.transfer] - values[design.scratch]),
    )


def over_seeds(table: np.ndarray) -> Curve:
    """Means and 95% intervals over the seeds of a table (sizes, seeds)."""
    mean = table.mean(axis=1)
    half = stats.t.ppf(0.975, table.shape[1] - 1) * table.std(axis=1, ddof=1) / np.sqrt(table.shape[1])
    return Curve(mean=mean.tolist(), low=(mean - half).tolist(), high=(mean + half).tolist())
