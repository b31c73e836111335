"""Answers in words."""

import pytest

from app import words
from models.prediction import Prediction
from models.tasks.digits import TASK


def prediction(*shares: float, abstained: bool = False) -> Prediction:
    probabilities = {str(label): share for label, share in enumerate(shares)}
    label = None if abstained else "0"
    return Prediction(
        label, "0", probabilities, abstained, 0.0, (), 1.0, "onnx", "cpu", "mnist-cnn", "digits", "0" * 12
    )


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ((0.97, 0.02, 0.01), "This looks like a **0**. Quite sure."),
        ((0.7, 0.2, 0.1), "This looks like a **0**. Fairly sure."),
        ((0.4, 0.2, 0.2, 0.2), "This looks like a **0**. Not sure."),
        ((0.5, 0.45, 0.05), "This looks like a **0**. Torn between 0 and 1."),
    ],
)
def test_how_sure_it_is_is_said(shares, said):
    assert words.sentence(prediction(*shares), TASK) == said


def test_none_of_these_is_said():
    said = words.sentence(prediction(0.9, 0.1, abstained=True), TASK)
    assert said == "I don't think this is a digit. If it had to be one: **0**."
