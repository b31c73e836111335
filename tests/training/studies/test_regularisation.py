"""The study of what keeps a net from memorising, on few generated patterns."""

import numpy as np
import pytest
import torch

from models.lessons.regularisation import VARIANTS, Results
from training.studies import regularisation


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A small study: 10 noisy patterns of 784 pixels."""
    patterns = np.random.default_rng(0).random((10, 784), np.float32)

    def data(split: str, _):
        random = np.random.default_rng(len(split))
        labels = np.arange(600) % 10
        pixels = patterns[labels] + random.normal(0, 1.0, (600, 784)).astype(np.float32)
        return torch.from_numpy(pixels), torch.from_numpy(labels)

    for name, value in {
        "EXAMPLES": 100,
        "VALIDATION": 200,
        "EPOCHS": 12,
        "BATCH": 10,
        "WIDTHS": (784, 64, 32),
        "SEEDS": (0, 1),
        "RESULTS": tmp_path / "r.json",
        "_data": data,
    }.items():
        monkeypatch.setattr(regularisation, name, value)
    return tmp_path / "r.json"


def test_all_variants_are_run_and_stored(small):
    lines: list[str] = []
    results = regularisation.study(lines.append)
    assert Results.model_validate_json(small.read_text()) == results
    assert len(lines) == 2 * len(VARIANTS) and lines[0].startswith("none, seed 0: loss ")
    none = results.runs["none"]
    assert none.train[0][-1] < 0.2 < none.validation[0][-1]  # learnt by heart
    gain = results.runs["dropout"].gain
    assert gain.mean == pytest.approx(results.runs["dropout"].at_end.mean - none.at_end.mean, abs=2e-4)


def test_variants_differ_in_what_they_name(small):
    for variant in VARIANTS:
        kinds = [type(layer).__name__ for layer in regularisation._net(variant)]
        assert ("Dropout" in kinds) is bool(variant.dropout) and ("BatchNorm1d" in kinds) is variant.batch_norm


def test_a_run_can_be_repeated(small):
    train = regularisation._drawn(regularisation._data("train", None), 50, seed=0)
    first, second = (regularisation._train(VARIANTS[2], train, train, seed=1) for _ in range(2))
    assert first == second
