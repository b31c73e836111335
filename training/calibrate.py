"""After training: the temperature of the probabilities and the threshold of familiarity, both fitted on the validation part."""

import numpy as np
from scipy.optimize import minimize_scalar

from training.metrics import negative_log_likelihood

ABSTAIN = 0.03  # share of each source's validation part that may fall below the threshold


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature at which the negative log-likelihood is lowest (Guo et al., "On Calibration of Modern Neural Networks",
    ICML 2017); logits (N, L), labels (N,)."""
    found = minimize_scalar(
        lambda log_t: negative_log_likelihood(logits / np.exp(log_t), labels), bounds=(-3, 3), method="bounded"
    )
    return float(np.exp(found.x))


def fit_threshold(familiarity: dict[str, np.ndarray]) -> float:
    """The lowest of the sources' 3% quantiles: source name -> familiarity (N,). Every source keeps 97% or more."""
    return float(min(np.quantile(values, ABSTAIN) for values in familiarity.values()))
