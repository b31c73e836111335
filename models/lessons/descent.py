"""Gradient descent on a few points: the lines, the parabola and the logistic regression of the courses.

The arithmetic keeps the order of the courses' own programs, so that their printed values come out to the last digit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

LIMIT = 1e12  # a larger weight, or loss, counts as divergence
CONVERGED = 1e-6  # relative distance from the lowest loss that counts as having arrived


@dataclass(frozen=True, eq=False)
class Points:
    """A data set with the function that is fitted to it.

    x, y: float64 (n,). names: of the parameters, each the factor of a power of x. powers: these powers.
    logistic: whether the function is the sigmoid of the sum, and the loss the cross-entropy; otherwise the function is
        the sum itself, and the loss the mean squared error.
    start, rate: defaults. rates: the smallest and the largest learning rate on offer.
    """

    slug: str
    title: str
    x: np.ndarray
    y: np.ndarray
    x_title: str
    y_title: str
    formula: str
    names: tuple[str, ...]
    powers: tuple[int, ...]
    start: tuple[float, ...]
    rate: float
    rates: tuple[float, float]
    logistic: bool = False

    def features(self, x: np.ndarray) -> np.ndarray:
        """The powers of x, (n, parameters)."""
        return np.stack([x**power for power in self.powers], axis=1)

    def outputs(self, weights: Sequence[float], x: np.ndarray) -> np.ndarray:
        """The value of the function at each x, (n,)."""
        sums = self.features(x) @ np.asarray(weights)
        return _sigmoid(sums) if self.logistic else sums

    def loss(self, weights: Sequence[float]) -> float:
        """The mean loss over all points."""
        return float(self.losses(np.asarray(weights)[None])[0])

    def losses(self, weights: np.ndarray) -> np.ndarray:
        """The mean loss for each row of weights (N, parameters); (N,)."""
        sums = weights @ self.features(self.x).T
        if self.logistic:
            return (np.logaddexp(0, sums) - sums * self.y).mean(axis=1)
        return ((sums - self.y) ** 2).sum(axis=1) / len(self.x)

    def gradient(self, weights: np.ndarray, rows: slice) -> np.ndarray:
        """The derivative of the mean loss over some points by each parameter, (parameters,)."""
        features, y = self.features(self.x[rows]), self.y[rows]
        sums = features @ weights
        if self.logistic:
            return features.T @ (_sigmoid(sums) - y) / len(y)
        return 2 * (features.T @ (sums - y)) / len(y)

    @property
    def best(self) -> np.ndarray | None:
        """The parameters with the lowest loss, (parameters,), or None if the loss falls for ever."""
        if self.logistic:
            return None  # the points can be separated: the steeper, the better
        return np.linalg.lstsq(self.features(self.x), self.y, rcond=None)[0]

    @property
    def largest_rate(self) -> float | None:
        """The learning rate below which full-batch descent without momentum converges: 2 / the largest curvature."""
        if self.logistic:
            return None
        features = self.features(self.x)
        return 2 / float(np.linalg.eigvalsh(2 * features.T @ features / len(self.x))[-1])


@dataclass(frozen=True)
class Step:
    """The state after `number` steps. gradient: the one that led here; None at the start."""

    number: int
    weights: tuple[float, ...]
    loss: float
    gradient: tuple[float, ...] | None = None


State = Literal["converged", "diverged", "on its way"]


@dataclass(frozen=True)
class Path:
    """The steps of a descent; it ends early if it diverges."""

    steps: tuple[Step, ...]
    state: State


def descend(
    points: Points,
    start: Sequence[float],
    rate: float,
    steps: int,
    stochastic: bool = False,
    momentum: float = 0.0,
) -> Path:
    """Follow the gradient for a number of steps, from `start`.

    stochastic: each step uses a single point, in their order; otherwise all of them. momentum: the share of the last
        step's direction that is added to the gradient, from 0 to below 1 (as in torch.optim.SGD).
    """
    weights, velocity = np.array(start, float), np.zeros(len(start))
    taken = [Step(0, tuple(weights.tolist()), points.loss(weights))]
    for number in range(1, steps + 1):
        one = (number - 1) % len(points.x)
        gradient = points.gradient(weights, slice(one, one + 1) if stochastic else slice(None))
        velocity = momentum * velocity + gradient
        weights = weights - rate * velocity
        with np.errstate(over="ignore", invalid="ignore"):
            loss = points.loss(weights)
        taken.append(Step(number, tuple(weights.tolist()), loss, tuple(gradient.tolist())))
        if not (np.abs(weights) < LIMIT).all() or not loss < LIMIT:
            return Path(tuple(taken), "diverged")
    return Path(tuple(taken), "converged" if _arrived(points, taken) else "on its way")


def _arrived(points: Points, steps: Sequence[Step]) -> bool:
    if points.best is None:
        return False
    lowest = points.loss(points.best)
    return steps[-1].loss - lowest <= CONVERGED * max(steps[0].loss - lowest, CONVERGED)


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return np.exp(-np.logaddexp(0, -values))


def _array(*values: float) -> np.ndarray:
    return np.array(values, float)


LINE = Points(
    slug="line",
    title="y = w x",
    x=_array(1, 2, 3),
    y=_array(2, 4, 6),
    x_title="x",
    y_title="y",
    formula="y = w x",
    names=("w",),
    powers=(1,),
    start=(1.0,),
    rate=0.1,
    rates=(0.001, 1.0),
)
# A roller coaster's speed, after the example in Howard and Gugger, "Deep Learning for Coders with fastai and PyTorch",
# 2020, chapter 4: a parabola with noise. The noise is from numpy.random.default_rng(42).normal(0, 3, 20), rounded.
_TIME = np.arange(20.0)
_NOISE = _array(
    *(0.9, -3.1, 2.3, 2.8, -5.9, -3.9, 0.4, -0.9, -0.1, -2.6, 2.6, 2.3, 0.2, 3.4, 1.4, -2.6, 1.1, -2.9, 2.6, -0.1)
)
SPEED = Points(
    slug="speed",
    title="Speed over time",
    x=_TIME,
    y=0.75 * (_TIME - 9.5) ** 2 + 1 + _NOISE,
    x_title="Time in seconds",
    y_title="Speed",
    formula="speed = a t² + b t + c",
    names=("a", "b", "c"),
    powers=(2, 1, 0),
    start=(1.0, 1.0, 1.0),
    rate=1e-5,
    rates=(1e-7, 1e-4),
)
HOURS = Points(
    slug="hours",
    title="Hours studied",
    x=_array(1, 2, 3, 4),
    y=_array(0, 0, 1, 1),
    x_title="Hours studied",
    y_title="Probability of passing",
    formula="p = sigmoid(w x + b)",
    names=("w", "b"),
    powers=(1, 0),
    start=(0.0, 0.0),
    rate=0.5,
    rates=(0.01, 10.0),
    logistic=True,
)
DATA = {points.slug: points for points in (LINE, SPEED, HOURS)}
