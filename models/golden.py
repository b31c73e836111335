"""Golden answers: what a model must answer to the inputs in its `golden.json`, compared with what it does answer."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from models.checkpoint import Checkpoint
from models.errors import ZooError
from models.prediction import Prediction
from models.predictor import Predictor


class Mismatch(ZooError):
    """An answer that differs from the golden one; the text says where and by how much."""


def expected(checkpoint: Checkpoint, id: str) -> list[Prediction]:
    """The prediction that every surface must give for each golden input.

    Raises Mismatch where it has other labels than the task.
    """
    labels, threshold = checkpoint.task.labels, checkpoint.config.threshold
    predictions = []
    for item in checkpoint.golden.inputs:
        values = item.probabilities
        if len(values) != len(labels):
            raise Mismatch(f"golden.json has {len(values)} probabilities; the task has {len(labels)} labels.")
        order = sorted(range(len(labels)), key=lambda index: -values[index])
        best, abstained = labels[order[0]], not item.familiarity >= threshold
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


def check(predictor: Predictor) -> float:
    """The largest difference between the predictor's answers and the golden ones.

    Raises Mismatch where one is over the tolerance.
    """
    checkpoint = predictor.checkpoint
    pairs = zip(checkpoint.golden.inputs, expected(checkpoint, predictor.id), strict=True)
    answers = ((wanted, predictor.predict(item.raw).to_dict()) for item, wanted in pairs)
    return max(compare(number, wanted, got, checkpoint) for number, (wanted, got) in enumerate(answers))


def compare(number: int, wanted: Prediction, got: Any, checkpoint: Checkpoint, rounding: float = 0.0) -> float:
    """The largest difference between an answer and golden input `number`.

    Raises Mismatch where it is over the tolerance.

    got: what `zoo predict --json` prints, or only some of it; rounding: by how much more its probabilities may differ.
    """
    where, allowed = f"golden input {number}", checkpoint.golden.tolerance + rounding
    if not isinstance(got, Mapping) or not isinstance(got.get("probabilities"), Mapping):
        raise Mismatch(f"{where}: expected an answer, got {str(got)[:200]!r}")
    probabilities = got["probabilities"]
    if set(probabilities) != set(wanted.probabilities):
        raise Mismatch(f"{where}: its labels are not those of the model")
    for name in ("checkpoint", "model"):
        if name in got and got[name] != getattr(wanted, name):
            raise Mismatch(f"{where}: answered by {name} {str(got[name])[:40]!r}, expected {getattr(wanted, name)!r}")
    ordered = [probabilities[label] for label in wanted.probabilities]
    off = {
        "probabilities": difference(ordered, list(wanted.probabilities.values())),
        "familiarity": difference(got.get("familiarity", wanted.familiarity), wanted.familiarity),
    }
    for name, largest in off.items():
        if largest > allowed:
            raise Mismatch(
                f"{where}: {name} differ{'s' if name == 'familiarity' else ''} by {largest:.2g}; at most "
                f"{allowed:.2g} is allowed"
            )
    if "label" in got and got["label"] != wanted.label and not is_close(wanted, checkpoint):
        raise Mismatch(f"{where}: the answer is {got['label']!r}, expected {wanted.label!r}")
    return max(off.values())


def difference(got: Any, wanted: Any) -> float:
    """The largest difference between two arrays; infinity where their shapes differ or a number is not finite."""
    try:
        a, b = np.asarray(got, np.float64), np.asarray(wanted, np.float64)
    except (TypeError, ValueError):
        return float("inf")  # not an array of numbers
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return float("inf")
    return float(np.abs(a - b).max(initial=0))


def is_close(wanted: Prediction, checkpoint: Checkpoint) -> bool:
    """Whether a difference within the tolerance may change the answer.

    The two best labels, or familiarity and threshold, are close.
    """
    tolerance = checkpoint.golden.tolerance
    first, second = list(wanted.probabilities.values())[:2]
    return first - second <= 2 * tolerance or abs(wanted.familiarity - checkpoint.config.threshold) <= tolerance
