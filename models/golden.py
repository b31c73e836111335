"""Golden answers: the expected answers to the inputs in `golden.json`, and their comparison with actual answers."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from models.checkpoint import Checkpoint
from models.errors import ZooError
from models.prediction import Prediction
from models.predictor import Predictor
from models.processors.base import Processor
from models.processors.tokens import TextProcessor


class Mismatch(ZooError):
    """An answer that differs from the golden answer; the text says where and by how much."""


def expected(checkpoint: Checkpoint, id: str) -> list[Prediction]:
    """The prediction that every surface must return for each golden input.

    Raises Mismatch if the labels do not fit the task.
    """
    labels, threshold = checkpoint.task.labels, checkpoint.config.threshold
    predictions = []
    for item in checkpoint.golden.inputs:
        values = item.probabilities
        if len(values) != len(labels):
            raise Mismatch(f"golden.json has {len(values)} probabilities; the task has {len(labels)} labels.")
        order = sorted(range(len(labels)), key=lambda index: -values[index])
        best = labels[order[0]]
        abstained = not item.familiarity >= threshold or _is_unknown(checkpoint.processor, item.raw)
        predictions.append(
            Prediction(
                label=None if abstained else best,
                best=best,
                probabilities={labels[index]: values[index] for index in order},
                abstained=abstained,
                familiarity=item.familiarity,
                notes=(),
                milliseconds=0.0,
                engine="",
                device="",
                model=id,
                task=checkpoint.task.slug,
                checkpoint=checkpoint.fingerprint,
            )
        )
    return predictions


def _is_unknown(processor: Processor, raw: Any) -> bool:
    """Whether all letters or words of a text are unknown, so that the model abstains whatever its familiarity."""
    if not isinstance(processor, TextProcessor):
        return False
    return bool(processor.nothing_known(processor.process_batch([processor.read(raw)]))[0])


def check(predictor: Predictor) -> float:
    """The largest difference between the predictor's answers and the golden ones.

    Raises Mismatch if it exceeds the tolerance.
    """
    checkpoint = predictor.checkpoint
    pairs = zip(checkpoint.golden.inputs, expected(checkpoint, predictor.id), strict=True)
    answers = ((prediction, predictor.predict(item.raw).to_dict()) for item, prediction in pairs)
    return max(compare(number, prediction, got, checkpoint) for number, (prediction, got) in enumerate(answers))


def compare(number: int, wanted: Prediction, got: Any, checkpoint: Checkpoint, rounding: float = 0.0) -> float:
    """The largest difference between an answer and the golden one. Raises Mismatch if it exceeds the tolerance.

    number: which golden input; wanted: its golden answer.
    got: the answer as `zoo predict --json` prints it, or a subset of its keys; rounding: added to the tolerance.
    """
    where, tolerance = f"input {number} of golden.json", checkpoint.golden.tolerance + rounding
    if not isinstance(got, Mapping) or not isinstance(got.get("probabilities"), Mapping):
        raise Mismatch(f"{where}: expected an answer, got {str(got)[:200]!r}")
    probabilities = got["probabilities"]
    if set(probabilities) != set(wanted.probabilities):
        raise Mismatch(f"{where}: the labels are not those of the model")
    for name in ("checkpoint", "model"):
        if name in got and got[name] != getattr(wanted, name):
            raise Mismatch(f"{where}: answered by {name} {str(got[name])[:40]!r}, expected {getattr(wanted, name)!r}")
    ordered = [probabilities[label] for label in wanted.probabilities]
    differences = {
        "probabilities": difference(ordered, list(wanted.probabilities.values())),
        "familiarity": difference(got.get("familiarity", wanted.familiarity), wanted.familiarity),
    }
    for name, largest in differences.items():
        if largest > tolerance:
            verb = "differs" if name == "familiarity" else "differ"
            raise Mismatch(f"{where}: {name} {verb} by {largest:.2g}; at most {tolerance:.2g} is allowed")
    if "label" in got and got["label"] != wanted.label and not is_close(wanted, checkpoint):
        raise Mismatch(f"{where}: the answer is {got['label']!r}, expected {wanted.label!r}")
    return max(differences.values())


def difference(got: Any, wanted: Any) -> float:
    """The largest difference between two arrays; infinity if their shapes differ or a number is not finite."""
    try:
        a, b = np.asarray(got, np.float64), np.asarray(wanted, np.float64)
    except (TypeError, ValueError):
        return float("inf")  # not an array of numbers
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return float("inf")
    return float(np.abs(a - b).max(initial=0))


def is_close(wanted: Prediction, checkpoint: Checkpoint) -> bool:
    """Whether a difference within the tolerance could change the answer.

    That is so if the two most probable labels are close, or familiarity is close to the threshold.
    """
    tolerance = checkpoint.golden.tolerance
    first, second = list(wanted.probabilities.values())[:2]
    return first - second <= 2 * tolerance or abs(wanted.familiarity - checkpoint.config.threshold) <= tolerance
