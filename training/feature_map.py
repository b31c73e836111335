"""`python -m training map ID`: adds `map.safetensors`, the features of test examples in a plane, to checkpoints.

Some examples of each label of the model's first test set are drawn at random. Their inputs are not stored. It yields no
figure and selects no model, so it is not logged as a test run in `ZOO_HOME/test-runs.csv`.
"""

from pathlib import Path

import numpy as np

from models import loading
from models.checkpoint import MAP
from models.embedding import FeatureMap, Features
from models.errors import ZooError
from models.writing import attach
from training.data.dataset import DEFAULT, Sources
from training.data.prepare import prepare

POINTS = 500  # examples, in equal numbers of each label


def add_map(folder: Path, sources: Sources = DEFAULT, seed: int = 0) -> FeatureMap:
    """Add the map to the checkpoint in `folder`; returns it. Raises ZooError if it has no test set or features."""
    predictor = loading.load(folder, device="cpu", engine="onnx")
    labels, figures = predictor.task.labels, predictor.config.figures
    if not figures:
        raise ZooError(f"{predictor.id} has not been tested, so there are no test examples for its map.")
    features = Features(predictor.checkpoint)
    examples = prepare(next(iter(figures)), "test", predictor.processor, labels, sources)
    order = np.random.default_rng(seed).permutation(len(examples))
    each = POINTS // len(labels)
    rows = np.sort(np.concatenate([order[examples.labels[order] == label][:each] for label in range(len(labels))]))
    examples = examples.take(rows)
    computed = features(examples.inputs).astype(np.float64)
    mean = computed.mean(axis=0)
    _, sizes, components = np.linalg.svd(computed - mean, full_matrices=False)
    shares = sizes**2 / (sizes**2).sum()
    logits, _ = predictor.scores(examples.inputs)
    made = FeatureMap(
        mean=mean.astype(np.float32),
        components=components[:2].astype(np.float32),
        explained=shares[:2].astype(np.float32),
        points=((computed - mean) @ components[:2].T).astype(np.float32),
        labels=examples.labels,
        predicted=logits.argmax(axis=1),
    )
    attach(folder, MAP, made.to_bytes())
    return made
