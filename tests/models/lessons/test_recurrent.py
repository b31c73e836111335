"""The recurrent nets of the lesson: their gradients, what they learn, and what they refuse."""

import time

import numpy as np
import pytest

from models.errors import BadInput
from models.lessons import recurrent
from models.lessons.recurrent import EMBEDDED, EPOCHS, MAX_LETTERS, ONE_HOT, VARIANTS, train

each = pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.slug)


@each
def test_hello_becomes_ohlol(variant):
    lesson = train(variant, "hello", "ohlol", seed=3)
    assert lesson.alphabet == "ehlo" and len(lesson.epochs) == EPOCHS + 1
    assert lesson.epochs[0].output != "ohlol" and lesson.epochs[-1].output == "ohlol"
    assert lesson.epochs[lesson.spelled].output == "ohlol" != lesson.epochs[lesson.spelled - 1].output


def test_the_challenge_has_the_answer_that_the_page_gives():
    assert train(ONE_HOT, "hello", "ohlol", seed=0).spelled is None
    assert train(EMBEDDED, "hello", "ohlol", seed=0).spelled
    assert all(train(variant, "a" * 20, "abbabaabbaababbabaab", seed=3).spelled is None for variant in VARIANTS)


@each
def test_gradients_equal_finite_differences(variant):
    inputs, labels = np.array([0, 1, 2, 2, 3]), np.array([3, 0, 2, 3, 2])
    weights = recurrent._initial(variant, 4, np.random.default_rng(1))

    def loss() -> float:
        return float(-np.log(recurrent._forward(weights, inputs)[1][np.arange(5), labels]).sum())

    gradients = recurrent._backward(weights, inputs, labels, *recurrent._forward(weights, inputs))
    for name, array in weights.items():
        for place in np.ndindex(array.shape):
            before = array[place]
            array[place] = before + 1e-6
            above = loss()
            array[place] = before - 1e-6
            slope = (above - loss()) / 2e-6
            array[place] = before
            assert gradients[name][place] == pytest.approx(slope, abs=1e-6), name


@each
def test_a_letter_depends_on_what_came_before(variant):
    hidden = train(variant, "hello", "ohlol", seed=3).epochs[-1].hidden
    assert hidden.shape == (5, variant.hidden or 4) and np.abs(hidden).max() <= 1
    assert np.abs(hidden[2] - hidden[3]).max() > 0.5  # the same letter twice


@each
@pytest.mark.parametrize(
    "words",
    (("a", "b"), ("a", "a"), ("привет", "тевирп"), ("日本語", "語本日"), ("é1 -", "x" * 4), ("ab" * 10, "ba" * 10)),
)
def test_pairs_of_any_script_are_trained_in_well_under_two_seconds(variant, words):
    start = time.thread_time()
    lesson = train(variant, *words)
    assert time.thread_time() - start < 2
    assert len(lesson.epochs[-1].output) == len(words[0]) and np.isfinite(lesson.epochs[-1].loss)


@pytest.mark.parametrize(
    "source, target, sentence",
    [
        ("", "a", "Type two words"),
        ("   ", "abc", "Type two words"),
        ("abc", "ab", "same length; they have 3 and 2 letters"),
        ("a" * (MAX_LETTERS + 1), "b" * (MAX_LETTERS + 1), f"at most {MAX_LETTERS} letters"),
        ("a\x1b", "bc", "cannot be shown"),
        ("a\u202e", "bc", "cannot be shown"),
    ],
)
def test_other_pairs_are_refused_in_one_sentence(source, target, sentence):
    with pytest.raises(BadInput, match=sentence):
        train(ONE_HOT, source, target)
