"""Figures of a classifier on labelled examples.

Accuracy with its interval, per-class figures, confusion, calibration.
"""

from math import sqrt

import numpy as np

from models.calibration import log_softmax

BINS = 15
SIMULATIONS = 1_000


def wilson(right: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """95% interval of a share (Wilson, 1927), which stays within 0 and 1 also where all or none are right."""
    share, spread = right / n, z * sqrt(right * (n - right) / n + z * z / 4) / (n + z * z)
    middle = (right + z * z / 2) / (n + z * z)
    return max(0.0, min(share, middle - spread)), min(1.0, max(share, middle + spread))


def negative_log_likelihood(logits: np.ndarray, labels: np.ndarray) -> float:
    """Mean over examples, in nats."""
    return float(-log_softmax(logits)[np.arange(len(labels)), labels].mean())


def calibration_error(confidence: np.ndarray, right: np.ndarray, equal_size: bool = False, bins: int = BINS) -> float:
    """Expected calibration error over bins of equal width, or of equal size: mean of |accuracy - confidence|."""
    return sum(
        len(rows) * abs(right[rows].mean() - confidence[rows].mean()) for rows in _bins(confidence, equal_size, bins)
    ) / len(confidence)


def calibration_range(confidence: np.ndarray, bins: int, seed: int = 0) -> tuple[float, float]:
    """The 95% range of calibration errors over bins of equal size, for a perfectly calibrated model.

    It is simulated: each answer is correct with its claimed probability, SIMULATIONS times.
    """
    random = np.random.default_rng(seed)
    ordered = np.sort(confidence)
    starts = np.cumsum([0, *(len(rows) for rows in np.array_split(ordered, bins) if len(rows))])[:-1]
    claimed = np.add.reduceat(ordered, starts)
    errors = [
        np.abs(np.add.reduceat(random.random(len(ordered)) < ordered, starts, dtype=np.float64) - claimed).sum()
        for _ in range(SIMULATIONS)
    ]
    low, high = np.quantile(errors, (0.025, 0.975)) / len(ordered)
    return float(low), float(high)


def reliability(confidence: np.ndarray, right: np.ndarray) -> list[dict[str, float]]:
    """The bins of equal width that hold anything: mean confidence, accuracy, n."""
    return [
        {"confidence": float(confidence[rows].mean()), "accuracy": float(right[rows].mean()), "n": len(rows)}
        for rows in _bins(confidence, equal_size=False, count=BINS)
    ]


def _bins(confidence: np.ndarray, equal_size: bool, count: int) -> list[np.ndarray]:
    if equal_size:
        bins = np.array_split(np.argsort(confidence, kind="stable"), count)
    else:
        index = np.minimum((confidence * count).astype(int), count - 1)
        bins = [np.flatnonzero(index == b) for b in range(count)]
    return [rows for rows in bins if len(rows)]


def confusion(labels: np.ndarray, answers: np.ndarray, classes: int) -> np.ndarray:
    """Counts (classes, classes): row the true label, column the answer."""
    return np.bincount(labels * classes + answers, minlength=classes * classes).reshape(classes, classes)


def per_class(table: np.ndarray, names: tuple[str, ...]) -> dict[str, dict[str, float]]:
    """Precision and recall of each class from a confusion table, and how many examples it has (0 where undefined)."""
    right, answered, true = table.diagonal(), table.sum(axis=0), table.sum(axis=1)
    return {
        name: {
            "precision": float(right[i] / max(answered[i], 1)),
            "recall": float(right[i] / max(true[i], 1)),
            "n": int(true[i]),
        }
        for i, name in enumerate(names)
    }


def macro_f1(per_class: dict[str, dict[str, float]]) -> float:
    """The mean over labels of F1, the harmonic mean of precision and recall; 0 for a label where both are 0."""
    recall, precision = (
        np.array([figures[name] for figures in per_class.values()]) for name in ("recall", "precision")
    )
    return float(np.mean(2 * precision * recall / np.maximum(precision + recall, 1e-12)))
