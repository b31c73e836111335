"""Names that people bring: common names of countries with few training names, and names from elsewhere."""

from string import ascii_letters

import pytest

import models
from app import sentences

MODELS = ("names-ngrams", "names-rnn", "names-lstm", "names-gru-balanced")
UNRECOGNISED = "I don't recognise this name; I know names from 18 countries."


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("typed", ["Nguyễn", "Nguyen", "NGUYEN", "Nguye\u0302\u0303n", "nguyễn"])
def test_the_most_common_vietnamese_name_is_recognised(name, typed):
    assert models.load(name).predict(typed).label == "Vietnamese"


@pytest.mark.parametrize(
    "typed", ["Nkrumah", "Smith-Jones Jr.", "J.R.R.", "x", "42", "Li5", "Mxyzptlk", "山田", "Иванов", "Okonkwo", "-"]
)
def test_a_name_that_is_not_recognised_is_still_a_name(typed):
    abstained = [
        sentences.sentence(answer, predictor.task)
        for predictor in map(models.load, (*MODELS, "names-gru"))
        if (answer := predictor.predict(typed)).abstained
    ]
    assert abstained and all(sentence.startswith(f"{UNRECOGNISED} Closest match:") for sentence in abstained)


@pytest.mark.parametrize("name", (*MODELS, "names-gru"))
def test_an_initial_is_no_name(name):
    """Every training name has at least two letters."""
    predictor = models.load(name)
    answers = predictor.predict_batch([*ascii_letters, "J.", "\u00c9"])
    assert all(answer.abstained for answer in answers)
    assert all(predictor.predict(letter).abstained for letter in "oX")
    assert not predictor.predict("Li").abstained


def test_other_tasks_say_what_they_expect():
    task = models.load("reviews-ngrams").task
    assert task.not_recognised() == "I don't recognise this as an English sentence about a film."
