"""Bars are in the order of the labels where these are a scale; otherwise the likeliest comes first."""

from dataclasses import replace

import pytest

from app.hub.answers.answer import _prediction
from models.prediction import Prediction
from models.task import Task
from models.tasks.reviews import TASK


def bars(task: Task) -> str:
    shares = dict(
        zip(
            ("positive", "neutral", "very positive", "negative", "very negative"),
            (0.5, 0.2, 0.15, 0.1, 0.05),
            strict=True,
        )
    )
    numbers = {"familiarity": 0.0, "notes": (), "milliseconds": 1.0, "engine": "onnx", "device": "cpu"}
    names = {"model": "m", "task": "reviews", "checkpoint": "c"}
    answer = _prediction(task, Prediction("positive", "positive", shares, False, **numbers, **names), "#000", "", None)
    return answer.partition("<dl")[2]


@pytest.mark.parametrize("scale", [True, False])
def test_bars_follow_the_scale_or_the_probability(scale):
    shown = bars(replace(TASK, scale=scale))
    first, last = ("very negative", "very positive") if scale else ("positive", "very negative")
    order = [part.partition(">")[2].partition("</dt>")[0] for part in shown.split("<dt")[1:]]
    assert (order[0], order[-1]) == (first, last) and len(order) == 5
    assert (order == list(TASK.labels)) is scale


def test_a_scale_that_is_not_a_boolean_is_refused():
    assert Task.from_dict(TASK.to_dict()).scale
    with pytest.raises(ValueError, match="scale"):
        Task.from_dict({**TASK.to_dict(), "scale": "yes"})
