"""`python -m training two-characters`: how often the note on two characters is right, and the weights of its score.

On single digits of MNIST and UNIPEN, European forms and pairs of digits, with their strokes and as images.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from models.inputs import ink
from models.processors import apart
from models.processors.ink import Ink
from training.data import dataset
from training.data.dataset import DEFAULT, Sources

COUNT = 600  # drawings of each set
FIT_COUNT = 2_000
SINGLE, PAIRS = ("unipen-digits", "mnist", "digit-forms"), "digit-pairs"
PENS = (6, 30)  # pixels, for UNIPEN's digits in the fit
ROUNDS = 8  # of the fit, each with the best splits of the round before


def shares(split: str, sources: Sources = DEFAULT) -> dict[str, float]:
    """The share of the drawings of each set that get the note."""
    processor, measured = Ink(), {}
    for name in (*SINGLE, PAIRS):
        drawings = _drawn(name, split, COUNT, sources)
        kinds = {name: drawings}
        if name != "mnist":
            kinds[f"{name} as images"] = [_image(drawing) for drawing in drawings]
        for kind, raws in kinds.items():
            scores = [processor.apart_score(processor.read(raw)) for raw in raws]
            measured[kind] = float(np.mean(np.array(scores) > processor.apart_limit))
    return measured


def fit(sources: Sources = DEFAULT) -> tuple[np.ndarray, float]:
    """The weights and the bias of the score, from training splits.

    Of each drawing of two digits the split with the highest score counts, of one digit all splits with high ones.
    """
    random = np.random.default_rng(0)
    sets: list[tuple[bool, list[np.ndarray]]] = []
    for name in (*SINGLE, PAIRS):
        drawings = _drawn(name, "train", FIT_COUNT if name in ("unipen-digits", PAIRS) else FIT_COUNT // 2, sources)
        if name == "unipen-digits":
            drawings = [{**drawing, "pen": float(random.uniform(*PENS))} for drawing in drawings]
        images = [_image(drawing) for drawing in drawings[: FIT_COUNT // 2]] if name in ("unipen-digits", PAIRS) else []
        sets += [(name == PAIRS, _features(raws)) for raws in (drawings, images) if raws]
    weights = np.zeros(len(apart.WEIGHTS))
    weights[[0, 7]] = 1.0, 0.3  # the gap and the balance, to start with
    bias = 0.0
    for _ in range(ROUNDS):
        rows, labels = [], []
        for is_pair, drawings in sets:
            scores = [splits @ weights for splits in drawings]
            median = np.median([max(values) for values in scores])
            for splits, values in zip(drawings, scores, strict=True):
                chosen = np.arange(len(values)) == values.argmax()
                rows.append(splits[chosen if is_pair else chosen | (values > median)])
                labels += [is_pair] * len(rows[-1])
        x = np.concatenate(rows)
        mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-6
        model = LogisticRegression(C=3, max_iter=3000, class_weight="balanced").fit((x - mean) / scale, labels)
        weights = model.coef_[0] / scale
        bias = float(model.intercept_[0] - weights @ mean)
    return weights, bias


def _drawn(name: str, split: str, count: int, sources: Sources) -> list[Any]:
    inputs = dataset(name).read(split, sources).inputs
    return [inputs[row] for row in np.random.default_rng(0).permutation(len(inputs))[:count]]


def _image(drawing: dict) -> np.ndarray:
    return np.round(255 * (1 - ink.read(drawing).ink)).astype(np.uint8)


def _features(raws: Sequence[Any]) -> list[np.ndarray]:
    """The features of the splits of each drawing, (splits, features)."""
    processor, found = Ink(), []
    for drawing in map(processor.read, raws):
        splits = apart.splits(processor.cropped(drawing), drawing.strokes, drawing.pen)
        found.append(np.array([split.features() for split in splits]))
    return found
