"""Boosted trees as tensors answer as scikit-learn's do, for two labels and for more, and are exported."""

import numpy as np
import pytest
import torch
from sklearn.ensemble import HistGradientBoostingClassifier

from models.engines.onnx import open_graph
from models.entry import Recipe
from models.nets.familiarity import Served
from models.nets.trees import Trees
from training.boosting import boost, copy, rounded_down
from training.data.examples import Examples
from training.export import to_onnx
from training.familiarity import fit_familiarity

RECIPE = Recipe(datasets=("examples",), epochs=12, lr=0.1)


def examples(classes: int, count: int = 400, seed: int = 0) -> Examples:
    random = np.random.default_rng(seed)
    x = random.normal(size=(count, 5)).astype(np.float32)
    x[:, 4] = x[:, 4].round()  # many equal values, so that thresholds are met exactly
    labels = np.digitize(x[:, 0] * x[:, 1] + x[:, 4] / 2, np.linspace(-1, 1, classes - 1)[: classes - 1])
    return Examples({"x": x}, labels.astype(np.int64))


@pytest.mark.parametrize("classes", [2, 4])
def test_the_tensors_answer_as_scikit_learn(classes):
    train, test = examples(classes), examples(classes, seed=1)
    model = HistGradientBoostingClassifier(max_iter=12, max_leaf_nodes=6).fit(train.inputs["x"], train.labels)
    net = Trees(classes, rounds=20, leaves=6)
    copy(model, net)
    for x in (train.inputs["x"], test.inputs["x"], np.full((2, 5), 1e9, np.float32)):
        logits, _ = net(torch.from_numpy(x))
        expected = model.predict_proba(x)
        np.testing.assert_allclose(torch.softmax(logits, dim=1).numpy(), expected, atol=1e-5)


def test_a_threshold_in_float32_separates_the_same_numbers():
    values = np.array([0.1, 1 / 3, -0.1, 16_777_217.0])
    rounded = rounded_down(values)
    for value, threshold in zip(values, rounded, strict=True):
        near = [threshold, np.nextafter(threshold, np.float32(np.inf)), np.nextafter(threshold, np.float32(-np.inf))]
        assert all((np.float64(x) <= value) == (x <= threshold) for x in near)


def test_the_history_has_a_row_for_each_round_and_improves():
    net = Trees(2, rounds=8, leaves=4)
    rows = boost(net, examples(2), {"examples": examples(2, seed=1)}, RECIPE, seed=0)
    assert [row["epoch"] for row in rows] == list(range(1, 9))  # no more than the net has room for
    assert rows[-1]["loss"] < rows[0]["loss"] and rows[-1]["accuracy"] > 0.6


def test_the_graph_has_standard_operators_and_any_batch_size():
    net, train = Trees(3, rounds=6, leaves=4), examples(3)
    boost(net, train, None, RECIPE, seed=0)
    familiarity, _ = fit_familiarity(net, train, "cpu", 0, fields=True)
    served = Served(net, familiarity).eval()
    session = open_graph(to_onnx(served, {"x": train.inputs["x"][:64]}, {}))
    for size in (1, 3, 50):
        logits = session.run(["logits"], {"x": train.inputs["x"][:size]})[0]
        np.testing.assert_allclose(logits, net(torch.from_numpy(train.inputs["x"][:size]))[0].numpy(), atol=1e-5)
