"""Metrics of a classifier on labelled examples: intervals of accuracies, per-class figures, confusion, calibration."""

from math import sqrt

import numpy as np
from scipy.stats import rankdata

from models.calibration import log_softmax

BINS = 15  # of a reliability diagram
SIMULATIONS = 1_000


def wilson(right: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """The 95% score interval of the share right / n (Wilson, 1927), which stays within 0 and 1."""
    share, spread = right / n, z * sqrt(right * (n - right) / n + z * z / 4) / (n + z * z)
    middle = (right + z * z / 2) / (n + z * z)
    return max(0.0, min(share, middle - spread)), min(1.0, max(share, middle + spread))


def mean_and_interval(values: np.ndarray, copies: int = 1, z: float = 1.959964) -> tuple[float, tuple[float, float]]:
    """The mean of values (N,), and its 95% interval by their standard error.

    copies: how often each example was measured, which makes the interval no narrower.
    """
    mean, half = float(values.mean()), z * float(values.std(ddof=1)) / sqrt(len(values) / copies)
    return mean, (mean - half, mean + half)


def auroc(
    scores: np.ndarray, positive: np.ndarray, copies: int = 1, z: float = 1.959964
) -> tuple[float, tuple[float, float]]:
    """The area under the ROC curve of scores (N,) and whether each example is positive, (N,), with its 95% interval.

    copies: how often each example was measured, which makes the interval no narrower.
    The interval is that of Hanley and McNeil, "The Meaning and Use of the Area under a ROC Curve", Radiology 1982.
    """
    ranks = rankdata(scores)
    n, m = int(positive.sum()), int((~positive).sum())
    area = float((ranks[positive].sum() - n * (n + 1) / 2) / (n * m))
    n, m = n // copies, m // copies
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    error = sqrt((area * (1 - area) + (n - 1) * (q1 - area**2) + (m - 1) * (q2 - area**2)) / (n * m))
    return area, (max(0.0, area - z * error), min(1.0, area + z * error))


def negative_log_likelihood(logits: np.ndarray, labels: np.ndarray) -> float:
    """The mean negative log-likelihood, in nats, of logits (N, L) and labels (N,)."""
    return float(-log_softmax(logits)[np.arange(len(labels)), labels].mean())


def calibration_error(confidence: np.ndarray, right: np.ndarray, equal_size: bool = False, bins: int = BINS) -> float:
    """The expected calibration error, the mean of |accuracy - confidence| over bins of equal width or size.

    confidence: float (N,). right: bool (N,), whether each answer is correct.
    """
    return sum(
        len(rows) * abs(right[rows].mean() - confidence[rows].mean()) for rows in _bins(confidence, equal_size, bins)
    ) / len(confidence)


def calibration_range(confidence: np.ndarray, bins: int, seed: int = 0) -> tuple[float, float]:
    """The central 95% of calibration errors, over bins of equal size, of a perfectly calibrated model.

    Estimated by SIMULATIONS simulations in which each answer is correct with a probability equal to its confidence.
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
    """Mean confidence, accuracy and n of the non-empty bins of equal width."""
    return [
        {"confidence": float(confidence[rows].mean()), "accuracy": float(right[rows].mean()), "n": len(rows)}
        for rows in _bins(confidence, equal_size=False, count=BINS)
    ]


def _bins(confidence: np.ndarray, equal_size: bool, count: int) -> list[np.ndarray]:
    """The indices of the examples in each non-empty bin."""
    if equal_size:
        bins = np.array_split(np.argsort(confidence, kind="stable"), count)
    else:
        index = np.minimum((confidence * count).astype(int), count - 1)
        bins = [np.flatnonzero(index == b) for b in range(count)]
    return [rows for rows in bins if len(rows)]


def confusion(labels: np.ndarray, answers: np.ndarray, classes: int) -> np.ndarray:
    """Counts (classes, classes): rows are true labels, columns are answers."""
    return np.bincount(labels * classes + answers, minlength=classes * classes).reshape(classes, classes)


def per_class(table: np.ndarray, names: tuple[str, ...]) -> dict[str, dict[str, float]]:
    """Precision, recall (0 where undefined) and number of examples of each class, from a confusion table."""
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
    """The unweighted mean of F1, the harmonic mean of precision and recall (0 where both are 0).

    Over the labels that have examples.
    """
    with_examples = [figures for figures in per_class.values() if figures["n"]]
    recall, precision = (np.array([figures[name] for figures in with_examples]) for name in ("recall", "precision"))
    return float(np.mean(2 * precision * recall / np.maximum(precision + recall, 1e-12)))
