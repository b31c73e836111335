"""Golden answers as predictions, and whether what came through some surface is what `golden.json` promises."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from app import sentences
from models import catalog
from models.checkpoint import Checkpoint
from models.errors import ZooError
from models.prediction import Prediction

ROUNDING = 5e-4  # by which a page may be off, which draws its bars to a tenth of a percent


class Moved(ZooError):
    """An answer that is not the golden one; the text says where and by how much."""


def expected(checkpoint: Checkpoint, id: str) -> list[tuple[Any, Prediction]]:
    """Each golden input, raw, with the prediction that every surface must give for it. Raises Moved where there is none."""
    labels, threshold = checkpoint.task.labels, checkpoint.config.threshold
    found = []
    for item in checkpoint.golden["inputs"]:
        values = item["probabilities"]
        if len(values) != len(labels):
            raise Moved(f"golden.json gives {len(values)} probabilities; the task has {len(labels)} labels.")
        order = sorted(range(len(labels)), key=lambda index: -values[index])
        best, abstained = labels[order[0]], not item["familiarity"] >= threshold
        prediction = Prediction(
            label=None if abstained else best,
            best=best,
            probabilities={labels[index]: values[index] for index in order},
            abstained=abstained,
            familiarity=item["familiarity"],
            notes=(),
            milliseconds=0.0,
            engine="",
            device="",
            model=id,
            task=checkpoint.task.slug,
            checkpoint=checkpoint.fingerprint,
        )
        found.append((item["raw"], prediction))
    if not found:
        raise Moved("golden.json holds no inputs; train the model again.")
    return found


def off(number: int, wanted: Prediction, got: Any, checkpoint: Checkpoint) -> float:
    """By how much the answer to golden input `number` is off, at most; raises Moved when that is more than it may be.

    got: what `zoo predict --json` prints, or from a page only `probabilities` (to a tenth of a percent) and `says`.
    """
    where, tolerance = f"golden input {number}", checkpoint.golden["tolerance"]
    if not isinstance(got, Mapping) or not isinstance(got.get("probabilities"), Mapping):
        raise Moved(f"{where}: no answer but {str(got)[:200]!r}")
    given = got["probabilities"]
    if set(given) != set(wanted.probabilities):
        raise Moved(f"{where}: the labels are not those of the model")
    for name in ("checkpoint", "model"):
        if name in got and got[name] != getattr(wanted, name):
            raise Moved(f"{where}: answered by {name} {str(got[name])[:40]!r}, not {getattr(wanted, name)!r}")
    allowed = tolerance + (ROUNDING if "says" in got else 0)
    largest = 0.0
    for name, pair in {
        "probabilities": ([given[label] for label in wanted.probabilities], list(wanted.probabilities.values())),
        "familiarity": (got.get("familiarity", wanted.familiarity), wanted.familiarity),
    }.items():
        moved = difference(*pair)
        if moved > allowed:
            raise Moved(f"{where}: {name} {'is' if name == 'familiarity' else 'are'} off by {_more(moved, allowed)}")
        largest = max(largest, moved)
    if not _close(wanted, checkpoint):
        _same_answer(where, wanted, got)
    return largest


def difference(got: Any, wanted: Any) -> float:
    """The largest difference between two arrays; infinity where they are not of one shape or not finite."""
    try:
        a, b = np.asarray(got, np.float64), np.asarray(wanted, np.float64)
    except (TypeError, ValueError):
        return float("inf")  # a golden array that is none
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return float("inf")
    return float(np.abs(a - b).max(initial=0))


def _more(moved: float, allowed: float) -> str:
    return f"{moved:.2g}, more than {allowed:.2g}"


def _close(wanted: Prediction, checkpoint: Checkpoint) -> bool:
    """Whether what is within the tolerance may give another answer: two labels nearly alike, or a familiarity at the threshold."""
    tolerance = checkpoint.golden["tolerance"]
    first, second = list(wanted.probabilities.values())[:2]
    return first - second <= 2 * tolerance or abs(wanted.familiarity - checkpoint.config.threshold) <= tolerance


def _same_answer(where: str, wanted: Prediction, got: Mapping[str, Any]) -> None:
    if "label" in got and got["label"] != wanted.label:
        raise Moved(f"{where}: the answer is {got['label']!r}, not {wanted.label!r}")
    says = sentences.answer(wanted, catalog.find(wanted.model).task).replace("**", "")
    if "says" in got and got["says"] != says:
        raise Moved(f"{where}: the page says {got['says'][:100]!r}, not {says!r}")
