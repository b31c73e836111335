"""After training: the temperature of the probabilities and the threshold of familiarity, both fitted on validation."""

import numpy as np
from scipy.optimize import minimize_scalar

from training.metrics import negative_log_likelihood

SPREAD = 0.5  # of the logarithm of the temperature about 0, as it is expected before anything is seen
ABSTAIN = 0.03  # share of each source's validation part that may fall below the threshold


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature at which the negative log-likelihood of logits (N, L) and labels (N,) is lowest.

    After Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, with a normal prior on its logarithm: with
    ten examples that are all correct the likelihood alone would give certainties; with thousands the prior has no
    effect.
    """

    def loss(log_t: float) -> float:
        prior = (log_t / SPREAD) ** 2 / 2
        return negative_log_likelihood(logits / np.exp(log_t), labels) + prior / len(labels)

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))


def fit_threshold(familiarity: dict[str, np.ndarray]) -> float:
    """The lowest of the sources' 3% quantiles: source name -> familiarity (N,). Every source keeps 97% or more."""
    return float(min(np.quantile(values, ABSTAIN) for values in familiarity.values()))
