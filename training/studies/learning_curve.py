"""`python -m training study letters`: what a start from another model is worth, over numbers of examples and seeds.

Both entries are trained with the same examples and seeds, each by its own recipe but for the
epochs and, of few examples, the batch, which are the study's; each net is tested once. What is done is kept in
ZOO_HOME/runs/study-<name>-<key>.json, so that a run that was cut off goes on; at the end, or after Ctrl-C with the numbers of examples
that all seeds are through with, the study stands in the `evaluation.json` of both checkpoints, under `studies`.
"""

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy import stats

from models import catalog, paths
from models.errors import ZooError
from models.evaluation import Curve, LearningCurve
from training.batches import Batches, outputs
from training.data.dataset import DEFAULT, Sources
from training.data.prepare import prepare
from training.evaluate import log_test, record_study
from training.release import key_of
from training.run import device_of, run


@dataclass(frozen=True)
class Design:
    """Accuracy of two entries over numbers of training examples a label. epochs: how long for each number."""

    scratch: str
    transfer: str
    epochs: dict[int, int]
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)


STUDIES = {
    # As many steps for few examples as for many would overfit the few, as many epochs take the many too long.
    "letters": Design("letters-scratch", "letters-transfer", {5: 80, 10: 60, 20: 60, 50: 20, 200: 8}),
}


def study(name: str, *, device: str | None = None, sources: Sources = DEFAULT) -> LearningCurve:
    """Run what is missing of the study and record it in both checkpoints; returns what it found."""
    if name not in STUDIES:
        raise ZooError(f"There is no study {name!r}; there are: {', '.join(STUDIES)}.")
    curve = STUDIES[name]
    path = paths.data_home() / "runs" / f"study-{name}-{_key(curve)}.json"
    found: dict[str, float] = json.loads(path.read_text()) if path.exists() else {}
    with suppress(KeyboardInterrupt):
        for size in sorted(curve.epochs, key=lambda size: (size != 20, size)):  # the figure that counts first
            for seed in curve.seeds:
                for slug in (curve.scratch, curve.transfer):
                    key = f"{slug} {size} {seed}"
                    if key not in found:
                        found[key] = _accuracy(slug, size, curve.epochs[size], seed, device_of(device), sources)
                        print(f"{key}: {found[key]:.4f}", flush=True)
                        paths.write_atomically(path, json.dumps(found, indent=1))
    result = _summary(curve, found)
    for slug in (curve.scratch, curve.transfer):
        record_study(catalog.find(slug).path, learning_curve=result)
    return result


def _key(curve: Design) -> str:
    """Changes with the recipes of both entries and the study's own numbers, so that old accuracies are not mixed with new ones."""
    parts = [key_of(catalog.entry(curve.scratch)), key_of(catalog.entry(curve.transfer)), curve.epochs]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:8]


def _accuracy(slug: str, size: int, epochs: int, seed: int, device: str, sources: Sources) -> float:
    entry = catalog.entry(slug)
    recipe = replace(entry.recipe, few=size, epochs=epochs, batch=min(entry.recipe.batch, 2 * size))
    work = paths.data_home() / "runs" / f"study-{slug}-{size}-{seed}"
    trained = run(entry, recipe, work, seed=seed, device=device, sources=sources, resume=False)
    if trained.validated.interrupted:
        raise KeyboardInterrupt  # a net that was cut off is not one of the study
    task = catalog.task(entry.task)
    test = prepare(task.datasets[0], "test", trained.prepared.processor, task.labels, sources)
    logits, _ = outputs(trained.served.net, Batches(test, torch.device("cpu")))
    accuracy = float((logits.argmax(dim=1).numpy() == test.labels).mean())
    log_test(work.name, "", task.datasets[0], len(test), accuracy)
    return accuracy


def _summary(curve: Design, found: dict[str, float]) -> LearningCurve:
    """The sizes for which all seeds are there, with means over seeds and their 95% intervals (Student's t).

    For both entries and for their paired difference. Raises KeyboardInterrupt where there is no such size.
    """
    both = (curve.scratch, curve.transfer)
    sizes = [
        n for n in sorted(curve.epochs) if all(f"{slug} {n} {seed}" in found for slug in both for seed in curve.seeds)
    ]
    if not sizes:
        raise KeyboardInterrupt
    values = {
        slug: np.array([[found[f"{slug} {size} {seed}"] for seed in curve.seeds] for size in sizes]) for slug in both
    }
    return LearningCurve(
        sizes=sizes,
        seeds=list(curve.seeds),
        models={slug: _over_seeds(table) for slug, table in values.items()},
        difference=_over_seeds(values[curve.transfer] - values[curve.scratch]),
    )


def _over_seeds(table: np.ndarray) -> Curve:
    """Means and 95% intervals of values (sizes, seeds) over the seeds."""
    mean = table.mean(axis=1)
    half = stats.t.ppf(0.975, table.shape[1] - 1) * table.std(axis=1, ddof=1) / np.sqrt(table.shape[1])
    return Curve(mean=mean.tolist(), low=(mean - half).tolist(), high=(mean + half).tolist())
