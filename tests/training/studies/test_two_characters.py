"""The measurement of the note on two characters, on few drawings of the sets in the repository."""

import numpy as np

from models.processors import apart
from training.data import digit_forms, digit_pairs
from training.studies import two_characters


def test_pairs_get_the_note_and_single_digits_do_not(monkeypatch):
    few = dict.fromkeys(("train", "validation", "test"), 40)
    monkeypatch.setattr(digit_forms, "COUNTS", few)
    monkeypatch.setattr(digit_pairs, "COUNTS", few)
    monkeypatch.setattr(two_characters, "COUNT", 40)
    monkeypatch.setattr(two_characters, "SINGLE", ("unipen-digits", "digit-forms"))
    shares = two_characters.shares("validation")
    assert shares["digit-pairs"] > 0.85 and shares["digit-pairs as images"] > 0.6
    assert max(share for name, share in shares.items() if "pairs" not in name) <= 0.05


def test_the_fit_finds_weights_that_separate(monkeypatch):
    few = dict.fromkeys(("train", "validation", "test"), 60)
    monkeypatch.setattr(digit_forms, "COUNTS", few)
    monkeypatch.setattr(digit_pairs, "COUNTS", few)
    monkeypatch.setattr(two_characters, "FIT_COUNT", 60)
    monkeypatch.setattr(two_characters, "ROUNDS", 2)
    monkeypatch.setattr(two_characters, "SINGLE", ("unipen-digits", "digit-forms"))
    weights, bias = two_characters.fit()
    monkeypatch.setattr(apart, "WEIGHTS", weights)
    monkeypatch.setattr(apart, "BIAS", bias)
    assert np.isfinite(weights).all()
    line, beside = [[[140, 60], [140, 220]]], [[[90, 60], [90, 220]], [[190, 60], [190, 220]]]
    scores = [two_characters.Ink().apart_score(two_characters.ink.read(strokes)) for strokes in (line, beside)]
    assert scores[0] < 0 < scores[1]
