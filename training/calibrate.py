"""Fits the temperature of the probabilities and the threshold of familiarity, both on validation data."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import t as student_t

from training.metrics import negative_log_likelihood

PRIOR_STD = 0.5  # standard deviation of the normal prior on the logarithm of the temperature, with mean 0
ABSTAIN = 0.03  # at most this share of each source's validation examples may fall below the threshold
MANY = 500
FEW_SHARE, FEW_ABSTAIN = 0.05, (0.03, 0.08)  # the same for a few of a user's own examples, if normal; the bounds if not


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature with the lowest negative log-likelihood of logits (N, L) and labels (N,).

    After Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, with a normal prior on its logarithm.
    Without it, ten examples that are all correct would lead to probabilities of 1; with thousands of examples, it has
    almost no effect.
    """

    def loss(log_t: float) -> float:
        prior = (log_t / PRIOR_STD) ** 2 / 2
        return negative_log_likelihood(logits / np.exp(log_t), labels) + prior / len(labels)

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))


def fit_threshold(familiarity: dict[str, np.ndarray]) -> float:
    """The lowest 3% quantile over the sources, so that the model answers at least 97% of the inputs of each.

    familiarity: source name -> familiarity of its validation examples, (N,).
    """
    return float(min(np.quantile(values, ABSTAIN) for values in familiarity.values()))


def fit_small_threshold(familiarity: np.ndarray) -> float:
    """The threshold below which a new input falls with a probability of about 5%, fitted on few examples.

    familiarity: of N examples that the nets were not trained on, (N,). The lower end of the prediction interval of a
    normal distribution, which all examples determine; the lowest of 24 values alone varies so much that inputs of other
    kinds pass. Where the values are not normal, they decide: the threshold stays between their 3% and 8% quantiles.
    These are Weibull's, which are unbiased: a new input falls below the k-th lowest of N values with a probability of
    k / (N + 1). From MANY values on, the 3% quantile is precise enough.
    """
    count = len(familiarity)
    least, most = np.quantile(familiarity, FEW_ABSTAIN, method="weibull")
    if count < 2 or count >= MANY:
        return float(least)
    width = student_t.ppf(1 - FEW_SHARE, count - 1) * familiarity.std(ddof=1) * np.sqrt(1 + 1 / count)
    return float(np.clip(familiarity.mean() - width, least, most))
