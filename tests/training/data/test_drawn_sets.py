"""Generated drawings: digit forms, pairs of digits, doodles and random figures."""

import numpy as np
import pytest

from models.inputs import ink
from models.inputs.strokes import PAD
from training.data import dataset, digit_forms, digit_pairs, doodles, random_figures
from training.data.dataset import DEFAULT
from training.data.doodle_kinds import TEST, VALIDATION


def flat(drawings) -> np.ndarray:
    return np.concatenate([stroke for drawing in drawings for stroke in drawing["strokes"]])


def test_there_are_thirty_kinds_of_doodles_with_several_pens_and_others_for_validation():
    assert len(TEST) == 30 and len(VALIDATION) >= 10 and not set(TEST) & set(VALIDATION)
    drawn = doodles.doodles("test")
    assert len(drawn) == 30 * len(doodles.PENS) * doodles.EACH and len({d["pen"] for d in drawn}) >= 3
    assert np.array_equal(flat(drawn), flat(doodles.doodles("test")))
    assert dataset("doodles").splits == ("validation", "test")


def test_digit_forms_are_the_same_each_time_and_differ_by_split(monkeypatch):
    monkeypatch.setattr(digit_forms, "COUNTS", {"train": 40, "validation": 40, "test": 40})
    drawings, labels = digit_forms.forms("test", DEFAULT)
    again, _ = digit_forms.forms("test", DEFAULT)
    assert np.array_equal(flat(drawings), flat(again))
    assert np.bincount(labels, minlength=10).tolist() == [10, 10, 0, 0, 10, 0, 0, 10, 0, 0]
    assert not np.array_equal(flat(drawings)[:20], flat(digit_forms.forms("validation", DEFAULT)[0])[:20])


def test_the_flag_of_a_one_rises_to_its_top():
    random = np.random.default_rng(0)
    for _ in range(50):
        stroke = digit_forms._one(random)[0]
        free, top, foot = stroke[0], stroke[-2], stroke[-1]
        assert free[0] < top[0] and top[1] < free[1] < foot[1]


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_pairs_have_two_digits_beside_each_other(monkeypatch, split):
    monkeypatch.setattr(digit_pairs, "COUNTS", dict.fromkeys(("train", "validation", "test"), 30))
    drawings = digit_pairs.pairs(split, DEFAULT)
    assert len(drawings) == 30 and all(len(drawing["strokes"]) >= 2 for drawing in drawings)
    points = flat(drawings)
    assert points.min() > 0 and points.max() < PAD


def test_random_figures_are_readable_and_the_same_each_time():
    drawings = random_figures.figures(52)
    assert np.array_equal(flat(drawings), flat(random_figures.figures(52)))
    for drawing in drawings:
        assert np.isfinite(flat([drawing])).all() and ink.read(drawing).ink.max() == 1
    assert dataset("random-figures").splits == ("train",)
