"""Fits the temperature of the probabilities and the threshold of familiarity, both on validation data."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import t as student_t

from training.metrics import negative_log_likelihood

PRIOR_STD = 0.5  # standard deviation of the normal prior on the logarithm of the temperature, with mean 0
ABSTAIN = 0.03  # at most this share of each source's validation examples may fall below the threshold
MANY = 500  # values, from which on quantiles are precise
# For a few of a user's own examples: the share that may fall below the threshold if the values are normal, and the
# least and the most if they are not.
FEW = (0.05, 0.03, 0.08)
# Of own photos, which are compared with class means: those of all photos are closer to new ones than those of a round.
# With these in place of FEW, clearly more photos of other kinds and a few more fresh ones are refused (`photos` and
# `places` of benchmarks/small_sets.py).
FEW_PHOTOS = (0.07, 0.04, 0.1)
# Of own texts, of which all together contain more n-grams than those of a round, so that a new text is more familiar.
# With these in place of FEW, clearly more texts of other kinds and a few more fresh ones are refused. Chosen on filled
# templates other than those of benchmarks/small_sets.py.
FEW_TEXTS = (0.1, 0.05, 0.13)


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


def fit_small_threshold(familiarity: np.ndarray, shares: tuple[float, float, float] = FEW) -> float:
    """The threshold below which a new input falls with a probability of about 5%, fitted on few examples.

    familiarity: of N examples that the nets were not trained on, (N,). shares: see FEW. The lower end of the prediction
    interval of a normal distribution, which all examples determine; the lowest of 24 values alone varies so much that
    inputs of other kinds pass. Where the values are not normal, they decide: the threshold stays between two of their
    quantiles. These are Weibull's, which are unbiased: a new input falls below the k-th lowest of N values with a
    probability of k / (N + 1). From MANY values on, the 3% quantile is precise enough.
    """
    share, *bounds = shares
    count = len(familiarity)
    least, most = np.quantile(familiarity, bounds, method="weibull")
    if count < 2 or count >= MANY:
        return float(least)
    width = student_t.ppf(1 - share, count - 1) * familiarity.std(ddof=1) * np.sqrt(1 + 1 / count)
    return float(np.clip(familiarity.mean() - width, least, most))
