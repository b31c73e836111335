"""Two characters in one drawing: pairs with little or no gap, and tasks whose characters have separate parts."""

import numpy as np
import pytest

from models import processors
from models.inputs import ink
from models.inputs.regions import numbered
from models.processors import apart
from models.processors.ink import Ink
from models.tasks.digits import DRAWINGS
from models.tasks.letters import DRAWINGS as LETTERS

processor = Ink()
NAMES = ("zero", "two", "three", "four", "seven", "eight", "nine")


def placed(strokes, size: float, x: float, y: float):
    """The strokes scaled to a height of `size` with the upper left corner of their box at (x, y), and their width."""
    low, high = (getattr(np.concatenate(strokes), end)(axis=0) for end in ("min", "max"))
    scale = size / (high[1] - low[1])
    return [((np.asarray(s) - low) * scale + (x, y)).tolist() for s in strokes], (high[0] - low[0]) * scale


def pair(first: str, second: str, gap: float, pen: float = 10, down: float = 0):
    """Two digits, 90 px high, with `gap` px of paper between their ink."""
    left, width = placed(DRAWINGS[first], 90, 40, 70)
    right, _ = placed(DRAWINGS[second], 90, 40 + width + pen + gap, 70 + down)
    return {"strokes": left + right, "pen": pen}


def as_image(raw) -> np.ndarray:
    return np.round(255 * (1 - ink.read(raw).ink)).astype(np.uint8)


def is_two(raw, of: Ink = processor) -> bool:
    return any("more than one character" in note for note in of.notes(ink.read(raw)))


@pytest.mark.parametrize("first", NAMES)
@pytest.mark.parametrize("second", NAMES)
def test_pairs_with_a_small_gap_get_the_note(first, second):
    assert is_two(pair(first, second, gap=8)) and is_two(as_image(pair(first, second, gap=8)))
    assert is_two(pair(first, second, gap=3))


def test_most_touching_and_diagonal_pairs_get_it_too():
    names = [(a, b) for a in NAMES for b in NAMES]
    assert np.mean([is_two(pair(a, b, gap=-2)) for a, b in names]) > 0.9
    assert np.mean([is_two(pair(a, b, gap=2, down=70)) for a, b in names]) > 0.9
    assert np.mean([is_two(as_image(pair(a, b, gap=-2))) for a, b in names]) > 0.6


@pytest.mark.parametrize("pen", [6, 18, 28])
def test_single_characters_get_no_note(pen):
    letters = Ink(apart_limit=6)  # as fitted on letters: an a or a k may have two parts
    for of, drawings in ((processor, DRAWINGS), (letters, LETTERS)):
        for strokes in drawings.values():
            assert not is_two({"strokes": strokes, "pen": pen}, of)
            assert not is_two(as_image({"strokes": strokes, "pen": pen}), of)


@pytest.mark.data
def test_at_most_one_in_a_hundred_single_digits_gets_the_note(data):
    from training.data.dataset import Sources
    from training.data.unipen_strokes import DIGITS, read_strokes

    raw = read_strokes("digits", DIGITS, 18.0, "validation", Sources(data)).inputs
    rows = np.random.default_rng(0).permutation(len(raw))[:300]
    assert np.mean([is_two(raw[row]) for row in rows]) <= 0.01


def test_a_task_whose_characters_have_parts_gives_no_note_for_them():
    """A colon and a pause sign among others: learnt from the training examples and stored in processor.json."""
    random = np.random.default_rng(0)

    def pause():
        x, y = random.uniform(90, 110, 2)
        return [[[x, y], [x, y + 90]], [[x + random.uniform(50, 80), y], [x + 60, y + 90]]]

    def colon():
        x = random.uniform(120, 160)
        return [[[x, 60], [x + 10, 70]], [[x, random.uniform(190, 220)], [x + 10, 215]]]

    ring = [[[140 + 60 * np.sin(a), 140 - 60 * np.cos(a)] for a in np.linspace(0, 6.3, 30)]]
    assert is_two(pause())
    fitted = Ink().fit([pause() for _ in range(12)] + [colon() for _ in range(12)] + [ring] * 12)
    assert fitted.apart_limit > apart.LIMIT
    assert not any(is_two(raw, fitted) for raw in [pause() for _ in range(20)] + [colon() for _ in range(20)])
    assert processors.from_dict(fitted.to_dict()) == fitted
    assert all(type(value) in (str, int) for value in fitted.to_dict().values())  # as `Checkpoint` demands


def test_a_task_of_whole_characters_keeps_the_note():
    fitted = Ink().fit(list(DRAWINGS.values()) + [np.full((20, 20), 255, np.uint8)])
    assert fitted == Ink() and "apart_limit" not in fitted.to_dict()


def test_components_are_numbered_from_one_and_touch_at_corners():
    mask = np.array([[1, 0, 0, 1, 0], [0, 1, 0, 1, 0], [0, 0, 0, 0, 0], [1, 1, 0, 0, 1], [1, 0, 1, 1, 1]], bool)
    labels = numbered(mask)
    assert labels[0, 0] == labels[1, 1] and labels[0, 3] == labels[1, 3] != labels[0, 0]
    assert labels[4, 2] == labels[3, 4] == labels[3, 1] and set(labels.ravel()) == {0, 1, 2, 3}
    ring = np.ones((5, 5), bool)
    ring[1:4, 1:4] = False
    assert set(numbered(ring).ravel()) == {0, 1}


@pytest.mark.parametrize("limit", ["2", None, 2.5, float("nan"), True])
def test_a_wrong_limit_is_refused(limit):
    with pytest.raises(ValueError, match="apart_limit"):
        Ink(apart_limit=limit)
