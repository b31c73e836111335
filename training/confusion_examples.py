"""Collects the examples behind each count of a model's confusion table (`models/confusion_examples.py`).

Needs the test data, but no torch. The hub runs this in a separate process the first time somebody opens a cell. Nothing
is downloaded. It yields no figure and selects no model, so it is not logged as a test run in `ZOO_HOME/test-runs.csv`.
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

SIZE = 64  # inputs processed at a time


def make_cells(
    id: str, name: str, sources: Sources = DEFAULT, report: Callable[[int, int], None] = lambda done, count: None
) -> Path:
    """Predict the test split of data set `name` and store some inputs of each cell; returns the path of the file.

    report: called with the number of inputs predicted so far and their total. Raises ZooError if the data set has no
        test split, has other labels than the model, or is not on this machine.
    """
    predictor = models.load(id, device="cpu", engine="onnx")
    sources = with_examples(replace(sources, download=False), predictor)
    dataset = find(name, sources)
    if "test" not in dataset.splits:
        raise ZooError(f"The data set {name!r} has no test split; it has: {', '.join(dataset.splits)}.")
    raw = dataset.read("test", sources)
    return confusion_examples.save(predictor.checkpoint, name, _cells(predictor, name, raw, report))


def _cells(predictor: Predictor, name: str, raw: Raw, report: Callable[[int, int], None]) -> Cells:
    labels, count = predictor.task.labels, len(raw.inputs)
    if raw.labels is None or not set(raw.classes) <= set(labels):
        raise ZooError(
            f"The labels of {name!r} are not those of {predictor.id}; choose one of its own test sets: "
            f"{', '.join(predictor.task.datasets)}."
        )
    true = np.array([labels.index(name) for name in raw.classes], np.int64)[raw.labels]
    predicted, confidence, abstained = np.full(count, -1), np.zeros(count), np.zeros(count, bool)
    report(0, count)
    for rows, arrays in processed(raw.inputs, predictor.processor, SIZE):
        logits, familiarity = predictor.scores(arrays)
        predicted[rows] = logits.argmax(axis=1)
        confidence[rows] = predictor.calibrated(logits).max(axis=1)
        abstained[rows] = ~predictor.answered(arrays, familiarity)
        report(int(rows[-1]) + 1, count)

    def sample(row: int) -> Sample:
        return Sample(
            raw=confusion_examples.to_json(raw.inputs[row]),
            confidence=round(float(confidence[row]), 4),
            abstained=bool(abstained[row]),
        )

    cells = []
    for label, answer in sorted(set(zip(true.tolist(), predicted.tolist(), strict=True))):
        if answer >= 0:  # inputs that could not be read are in no cell
            rows = np.flatnonzero((true == label) & (predicted == answer))
            # Most telling first: the least confident correct answers, the most confident mistakes.
            worst = rows[np.argsort(confidence[rows] if label == answer else -confidence[rows], kind="stable")]
            cells.append(
                Cell(
                    true=label,
                    predicted=answer,
                    count=len(rows),
                    samples=tuple(map(sample, worst[: confusion_examples.MAX_EXAMPLES].tolist())),
                )
            )
    return Cells(cells=tuple(cells))
