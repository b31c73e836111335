"""Examples: selected, joined and padded; and batches of them."""

import numpy as np
import torch

from training.batches import Batches
from training.data.examples import Examples


def _texts(n: int, longest: int, seed: int = 0) -> Examples:
    random = np.random.default_rng(seed)
    lengths = random.integers(1, longest + 1, n)
    x = np.where(np.arange(longest) < lengths[:, None], random.integers(1, 9, (n, longest)), 0)
    return Examples({"x": x, "lengths": lengths}, np.arange(n))


def test_examples_are_selected_and_joined():
    a, b = _texts(5, 7), _texts(3, 9, seed=1)
    both = Examples.join([a, b])
    assert both.inputs["x"].shape == (8, 9)
    assert (both.inputs["x"][:5, :7] == a.inputs["x"]).all() and (both.inputs["x"][:5, 7:] == 0).all()
    assert (both.take(np.arange(5, 8)).inputs["lengths"] == b.inputs["lengths"]).all()


def test_an_epoch_shows_every_example_once_and_texts_are_cut_to_their_batch():
    batches = Batches(_texts(64, 30), torch.device("cpu"))
    seen = []
    for inputs, labels in batches.shuffled(8, torch.Generator().manual_seed(0)):
        assert inputs["x"].shape == (8, int(inputs["lengths"].max()))
        seen += labels.tolist()
    assert sorted(seen) == list(range(64))


def test_the_order_depends_on_the_seed():
    batches = Batches(_texts(64, 30), torch.device("cpu"))
    first, again, other = (
        [label for _, labels in batches.shuffled(8, torch.Generator().manual_seed(seed)) for label in labels.tolist()]
        for seed in (0, 0, 1)
    )
    assert first == again != other


def test_a_set_smaller_than_a_batch_is_one_batch():
    assert len(list(Batches(_texts(5, 3), torch.device("cpu")).shuffled(5, torch.Generator()))) == 1
