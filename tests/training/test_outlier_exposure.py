"""The detector of other ink: it separates what it was trained on, and takes part in the familiarity."""

import numpy as np
import pytest
import torch

from models.nets.classifier import Classifier
from models.nets.familiarity import Detector
from training import outlier_exposure
from training.data.examples import Examples
from training.familiarity import fit_familiarity


def _ink(kind: str, count: int, seed: int = 0) -> Examples:
    """Upright lines, or boxes, somewhere in the picture."""
    random = np.random.default_rng(seed)
    x = np.zeros((count, 1, 28, 28), np.float32)
    for picture, row, column in zip(x[:, 0], *random.integers(3, 8, (2, count)), strict=True):
        if kind == "lines":
            picture[row : row + 18, column + 8 : column + 11] = 1
        else:
            picture[row : row + 18, [column, column + 1, column + 16, column + 17]] = 1
            picture[[row, row + 1, row + 16, row + 17], column : column + 18] = 1
    return Examples({"x": x}, np.arange(count) % 2)


@pytest.fixture(autouse=True)
def _few_steps(monkeypatch):
    monkeypatch.setattr(outlier_exposure, "STEPS", 60)


def test_the_detector_separates_characters_from_other_ink():
    outliers = {"boxes": _ink("boxes", 100), "more": _ink("boxes", 50, seed=1)}
    detector = outlier_exposure.fit_detector(_ink("lines", 100), outliers, seed=0)
    lines, boxes = (detector(torch.from_numpy(_ink(kind, 50, seed=2).inputs["x"])) for kind in ("lines", "boxes"))
    assert lines.shape == (50,) and lines.min() > boxes.max()
    assert not any(parameter.requires_grad for parameter in detector.parameters())


def test_the_same_seed_gives_the_same_detector():
    first, again = (
        outlier_exposure.fit_detector(_ink("lines", 40), {"boxes": _ink("boxes", 40)}, seed=3) for _ in range(2)
    )
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True))


@pytest.mark.parametrize("size", [20, 28, 41, 64])
def test_a_detector_takes_ink_of_any_size(size):
    assert Detector(size)(torch.zeros(3, 1, size, size)).shape == (3,)


def test_other_ink_is_unfamiliar_even_if_the_net_cannot_tell():
    net = Classifier(torch.nn.Flatten(), torch.nn.Linear(28 * 28, 2)).eval()
    with torch.no_grad():
        net.head.weight.zero_()
    train = _ink("lines", 200)
    familiarity, arguments = fit_familiarity(net, train, "cpu", 0, outliers={"boxes": _ink("boxes", 100)})
    assert arguments["detector"] == 28
    with torch.no_grad():
        values = [
            familiarity(*net(x), x)
            for x in (torch.from_numpy(_ink(kind, 50, seed=4).inputs["x"]) for kind in ("lines", "boxes"))
        ]
    assert values[0].min() > values[1].max()
    assert "detector" not in fit_familiarity(net, train, "cpu", 0)[1]
