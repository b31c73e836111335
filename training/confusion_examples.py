"""What lies behind each count of a model's confusion table, for its page (`models/confusion_examples.py`).

Needs the test data, but no torch.

The hub runs this as a process of its own, the first time that somebody opens a cell. Nothing is downloaded for it. It
gives no figure and chooses nothing, so it is no test run in the sense of `ZOO_HOME/test-runs.csv`.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

import models
from models import confusion_examples
from models.confusion_examples import Cell, Cells, Sample
from models.errors import ZooError
from models.predictor import Predictor
from training.custom.sources import with_examples
from training.data import dataset as find
from training.data.dataset import DEFAULT, Raw, Sources
from training.data.prepare import processed

SIZE = 64  # inputs read at a time


def make_cells(
    id: str, name: str, sources: Sources = DEFAULT, told: Callable[[int, int], None] = lambda done, count: None
) -> Path:
    """Answer the test split of data set `name`, keep some inputs of each cell, and say where.

    told: how many of how many are answered.
    """
    predictor = models.load(id, device="cpu", engine="onnx")
    sources = with_examples(replace(sources, download=False), predictor)
    dataset = find(name, sources)
    if "test" not in dataset.splits:
        raise ZooError(f"The data set {name!r} has no test split; it has: {', '.join(dataset.splits)}.")
    raw = dataset.read("test", sources)
    return confusion_examples.save(predictor.checkpoint, name, _cells(predictor, name, raw, told))


def _cells(predictor: Predictor, name: str, raw: Raw, told: Callable[[int, int], None]) -> Cells:
    labels, count = predictor.task.labels, len(raw.inputs)
    if raw.labels is None or not set(raw.classes) <= set(labels):
        raise ZooError(
            f"The labels of {name!r} are not those of {predictor.id}; name one of its own test sets: "
            f"{', '.join(predictor.task.datasets)}."
        )
    was = np.array([labels.index(one) for one in raw.classes], np.int64)[raw.labels]
    taken, sure, abstained = np.full(count, -1), np.zeros(count), np.zeros(count, bool)
    told(0, count)
    for rows, arrays in processed(raw.inputs, predictor.processor, SIZE):
        logits, familiarity = predictor.scores(arrays)
        taken[rows] = logits.argmax(axis=1)
        sure[rows] = predictor.calibrated(logits).max(axis=1)
        abstained[rows] = ~(familiarity >= predictor.config.threshold)
        told(int(rows[-1]) + 1, count)

    def sample(row: int) -> Sample:
        return Sample(
            raw=confusion_examples.to_json(raw.inputs[row]),
            confidence=round(float(sure[row]), 4),
            abstained=bool(abstained[row]),
        )

    found = []
    for one, other in sorted(set(zip(was.tolist(), taken.tolist(), strict=True))):
        if other >= 0:  # what could not be read is in no cell
            rows = np.flatnonzero((was == one) & (taken == other))
            worst = rows[np.argsort(sure[rows] if one == other else -sure[rows], kind="stable")]
            found.append(
                Cell(
                    true=one,
                    predicted=other,
                    count=len(rows),
                    samples=tuple(map(sample, worst[: confusion_examples.MAX_EXAMPLES].tolist())),
                )
            )
    return Cells(cells=tuple(found))
