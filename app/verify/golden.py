"""What a page shows, compared with the expected answers (`models/golden.py`)."""

from collections.abc import Mapping
from typing import Any

from app import sentences
from models.checkpoint import Checkpoint
from models.golden import Mismatch, compare, is_close
from models.prediction import Prediction
from models.task import Task

ROUNDING = 5e-4  # a page draws its bars to a tenth of a percent


def compare_answer(number: int, wanted: Prediction, got: Any, checkpoint: Checkpoint, task: Task) -> float:
    """The largest difference between what a surface answers and golden input `number`. Raises Mismatch.

    got: what `zoo predict --json` prints, or from a page only `probabilities` (to a tenth of a percent) and `says`.
    """
    is_page = isinstance(got, Mapping) and "says" in got
    largest = compare(number, wanted, got, checkpoint, ROUNDING if is_page else 0.0)
    says = sentences.answer(wanted, task).replace("**", "")
    if is_page and got["says"] != says and not is_close(wanted, checkpoint):
        raise Mismatch(f"input {number} of golden.json: the page says {got['says'][:100]!r}, expected {says!r}")
    return largest
