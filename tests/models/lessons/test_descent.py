"""Gradient descent: the courses' printed values, the largest rate that converges, and the gradients."""

from dataclasses import replace

import numpy as np
import pytest

from models.lessons.descent import DATA, HOURS, LINE, SPEED, descend


def test_the_values_that_the_course_prints():
    steps = descend(LINE, (1.0,), 0.1, 2).steps
    assert [step.weights[0] for step in steps] == [1.0, 1.9333333333333336, 1.9955555555555555]
    assert steps[1].loss == 0.020740740740740594
    assert steps[0].gradient is None and steps[1].gradient == pytest.approx((-28 / 3,))


def test_a_rate_of_one_diverges_as_in_the_course():
    path = descend(LINE, (1.0,), 1.0, 100)
    assert [step.weights[0] for step in path.steps[1:4]] == [10.333333333333334, -67.44444444444446, 580.7037037037038]
    assert path.state == "diverged" and len(path.steps) < 100
    assert np.isfinite([step.loss for step in path.steps]).all()


@pytest.mark.parametrize("points", (LINE, SPEED), ids=lambda points: points.slug)
def test_the_largest_rate_separates_convergence_from_divergence(points):
    best, start = points.best, points.best + 1e-3
    for factor, closer in ((0.99, True), (1.01, False)):
        last = descend(points, start, factor * points.largest_rate, 500).steps[-1]
        steepest = points.loss(last.weights) - points.loss(best)
        assert (steepest < points.loss(start) - points.loss(best)) is closer


def test_momentum_allows_a_higher_rate():
    rate = 1.4 * LINE.largest_rate
    assert descend(LINE, (1.0,), rate, 500).state == "diverged"
    assert descend(LINE, (1.0,), rate, 500, momentum=0.5).state == "converged"
    assert descend(LINE, (1.0,), 1.6 * LINE.largest_rate, 500, momentum=0.5).state == "diverged"


@pytest.mark.parametrize("points", DATA.values(), ids=DATA)
@pytest.mark.parametrize("rows", (slice(None), slice(1, 2)), ids=("all", "one"))
def test_the_gradient_is_the_derivative_of_the_loss(points, rows):
    weights = np.array(points.start) + 0.1
    few = replace(points, x=points.x[rows], y=points.y[rows])
    for index in range(len(weights)):
        nudge = 1e-6 * np.eye(len(weights))[index]
        slope = (few.loss(weights + nudge) - few.loss(weights - nudge)) / 2e-6
        assert points.gradient(weights, rows)[index] == pytest.approx(slope, rel=1e-5, abs=1e-8)


def test_stochastic_steps_take_one_point_after_another():
    first, second = (step.weights[0] for step in descend(LINE, (1.0,), 0.1, 2, stochastic=True).steps[1:])
    assert first == pytest.approx(1 + 0.1 * 2 * 1 * (2 - 1))
    assert second == pytest.approx(first + 0.1 * 2 * 2 * (4 - 2 * first))


def test_the_probability_grows_with_the_hours():
    path = descend(HOURS, HOURS.start, 1.0, 200)
    outputs = HOURS.outputs(path.steps[-1].weights, HOURS.x)
    assert (np.diff(outputs) > 0).all() and outputs[1] < 0.5 < outputs[2]


@pytest.mark.parametrize("points", DATA.values(), ids=DATA)
def test_whatever_the_page_offers_gives_finite_numbers(points):
    for rate in points.rates:
        for stochastic in (False, True):
            for momentum in (0.0, 0.95):
                path = descend(points, [-100.0] * len(points.names), rate, 200, stochastic, momentum)
                assert np.isfinite([value for step in path.steps for value in (*step.weights, step.loss)]).all()
