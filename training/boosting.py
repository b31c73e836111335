"""Fits the trees of a `Trees` net with scikit-learn's HistGradientBoostingClassifier.

Of the recipe, `epochs` is the number of rounds of boosting, `lr` the learning rate and `weight_decay` the L2
regularisation of the leaves; the other hyperparameters do not apply.
"""

import numpy as np
import torch
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss

from models.entry import Recipe
from models.nets.trees import Trees
from training.data.examples import Examples

MIN_LEAF = 5  # examples in a leaf
FEATURES = 0.5  # share of the columns that are tried at a split, drawn at random


def boost(
    net: Trees, train: Examples, validation: dict[str, Examples] | None, recipe: Recipe, seed: int
) -> list[dict[str, float]]:
    """Fit the trees of `net` in place; returns the history, one row per round.

    All rounds are kept, at most as many as the net has room for.
    """
    x, labels = train.inputs["x"], train.labels
    model = HistGradientBoostingClassifier(
        learning_rate=recipe.lr,
        max_iter=min(recipe.epochs, net.rounds),
        max_leaf_nodes=net.leaves,
        min_samples_leaf=min(MIN_LEAF, max(1, len(x) // 20)),
        l2_regularization=recipe.weight_decay,
        max_features=FEATURES,
        early_stopping=False,
        random_state=seed,
    ).fit(x, labels)
    rows = [{"epoch": number, "loss": float(loss)} for number, loss in enumerate(_losses(model, x, labels), 1)]
    for name, examples in (validation or {}).items():
        stages = enumerate(model.staged_predict(examples.inputs["x"]))
        losses = _losses(model, examples.inputs["x"], examples.labels)
        for (number, answers), loss in zip(stages, losses, strict=True):
            right = float((answers == examples.labels).mean())
            rows[number] |= {"validation loss": float(loss), "accuracy": right, f"accuracy {name}": right}
    copy(model, net)
    return rows


def _losses(model: HistGradientBoostingClassifier, x: np.ndarray, labels: np.ndarray) -> list[float]:
    """The mean negative log-likelihood after each round."""
    return [log_loss(labels, p, labels=model.classes_) for p in model.staged_predict_proba(x)]


@torch.no_grad()
def copy(model: HistGradientBoostingClassifier, net: Trees) -> None:
    """Copy the fitted trees into `net`."""
    net.baseline.copy_(torch.from_numpy(np.ravel(model._baseline_prediction)))
    trees = [tree.nodes for iteration in model._predictors for tree in iteration]
    for number, nodes in enumerate(trees):
        inner, count = np.flatnonzero(~nodes["is_leaf"].astype(bool)), len(nodes)
        left, right = np.arange(count), np.arange(count)
        left[inner], right[inner] = nodes["left"][inner], nodes["right"][inner]
        threshold = np.where(nodes["is_leaf"], 0.0, nodes["num_threshold"])
        for name, values in {
            "feature": np.where(nodes["is_leaf"], 0, nodes["feature_idx"]).astype(np.int64),
            "threshold": rounded_down(threshold),
            "left": left.astype(np.int64),
            "right": right.astype(np.int64),
            "value": np.where(nodes["is_leaf"], nodes["value"], 0.0).astype(np.float32),
        }.items():
            getattr(net, name)[number, :count] = torch.from_numpy(values)


def rounded_down(values: np.ndarray) -> np.ndarray:
    """The largest float32 that is not above each float64: x <= value then holds for the same float32 x."""
    rounded = np.clip(values, *np.finfo(np.float32).max * np.array([-1, 1])).astype(np.float32)
    with np.errstate(over="ignore"):
        return np.where(rounded > values, np.nextafter(rounded, np.float32(-np.inf)), rounded)
