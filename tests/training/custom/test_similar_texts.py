"""Texts that differ in numbers, punctuation or a word of many are copies; short texts with other words are not."""

import numpy as np
import pytest

from training.custom.similar_texts import text_groups


def number_of_groups(*texts: str) -> int:
    """Return how many groups the texts, all different, are in."""
    return len(np.unique(text_groups(list(texts), np.arange(len(texts)))))


@pytest.mark.parametrize(
    "left, right",
    [
        ("Order 4711 is late", "Order 52 is late"),
        ("Order 4711 of 3.5.2024 is late", "order 12,5 of 11.10.2025 is late!"),
        ("Заказ 17 опаздывает", "Заказ 9 опаздывает"),
        ("注文17は遅れています", "注文9は遅れています"),
        ("please cancel my order today because it is late", "please cancel my order now because it is late"),
        ("New York", "new  york!"),
    ],
)
def test_copies_share_a_group(left, right):
    assert number_of_groups(left, right) == 1


@pytest.mark.parametrize(
    "left, right",
    [
        ("AB-1234", "AB-1235"),  # a code says nothing without its number
        ("0171 234", "0171 235"),
        ("Hamburg", "Homburg"),
        ("cancel my order", "cancel my contract"),
        ("the film was long and the end was dull", "a long film with an end that was dull"),
        ("ash", "ash 2"),
        ("!", "?"),
    ],
)
def test_other_texts_stand_apart(left, right):
    assert number_of_groups(left, right) == 2


def test_thousands_of_texts_from_few_words_are_fast():
    random = np.random.default_rng(0)
    words = np.array("the a one film end cast plot very not good bad long short dull bright and of with in it".split())
    texts = [" ".join(words[random.integers(0, 20, 12)]) for _ in range(3_000)]
    assert number_of_groups(*texts) > 2_800
    assert number_of_groups(*(f"the film number {row} was seen by very many of us" for row in range(3_000))) == 1
