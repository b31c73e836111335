"""Predictions as sentences."""

import pytest

from app import sentences
from models.prediction import Prediction
from models.tasks.digits import TASK


def prediction(*shares: float, abstained: bool = False) -> Prediction:
    probabilities = {str(label): share for label, share in enumerate(shares)}
    label = None if abstained else "0"
    return Prediction(
        label, "0", probabilities, abstained, 0.0, (), 1.0, "onnx", "cpu", "mnist-cnn", "digits", "0" * 12
    )


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ((0.97, 0.02, 0.01), "This looks like the digit **0**. Very sure."),
        ((0.7, 0.2, 0.1), "This looks like the digit **0**. Fairly sure."),
        ((0.4, 0.2, 0.2, 0.2), "This looks like the digit **0**. Not sure."),
        ((0.5, 0.45, 0.05), "This looks like the digit **0**. Torn between 0 and 1."),
    ],
)
def test_the_sentence_says_how_sure_the_model_is(shares, expected):
    assert sentences.sentence(prediction(*shares), TASK) == expected


def test_the_sentence_says_when_the_model_abstains():
    text = sentences.sentence(prediction(0.9, 0.1, abstained=True), TASK)
    assert text == "I don't recognise this as a digit. Closest match: **0**."


def test_a_label_is_shown_by_its_display_name():
    from models.tasks.holidays import TASK as HOLIDAYS

    shares = dict.fromkeys(HOLIDAYS.labels, 0.1) | {"great-wall": 0.4, "taj-mahal": 0.35}
    ranked = dict(sorted(shares.items(), key=lambda item: -item[1]))
    answer = Prediction(
        "great-wall", "great-wall", ranked, False, 0.0, (), 1.0, "onnx", "cpu", "x", "holidays", "0" * 12
    )
    text = sentences.sentence(answer, HOLIDAYS)
    assert text == "This looks like **the Great Wall**. Torn between the Great Wall and the Taj Mahal."
    assert set(HOLIDAYS.label_names) == set(HOLIDAYS.labels)
    assert HOLIDAYS.from_dict({**HOLIDAYS.to_dict(), "label_names": {}}).display_name("petra") == "petra"
    with pytest.raises(ValueError, match="label_names"):
        HOLIDAYS.from_dict({**HOLIDAYS.to_dict(), "label_names": ["x"]})
    for same in ({"petra": "Rome", "colosseum": "Rome"}, {"petra": "colosseum"}):
        with pytest.raises(ValueError, match="the same display name"):
            HOLIDAYS.from_dict({**HOLIDAYS.to_dict(), "label_names": same})
