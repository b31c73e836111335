"""Features of frozen trunks are cached; those of a user's own examples in the folder of the run."""

import numpy as np
import torch
from torch import nn

from models.nets.photo import PhotoClassifier
from models.paths import data_home
from training.data.examples import Examples
from training.frozen import Frozen


def photos(seed: int) -> Examples:
    random = np.random.default_rng(seed)
    return Examples({"x": random.integers(0, 256, (4, 3, 16, 16), dtype=np.uint8)}, np.zeros(4, np.int64))


def test_private_features_stay_in_the_folder_and_unused_ones_go(tmp_path):
    torch.manual_seed(0)
    net = PhotoClassifier(nn.Conv2d(3, 8, 8, stride=8), nn.Linear(8, 2))
    before = set((data_home() / "cache").glob("features-*"))
    first = Frozen(net, "cpu", tmp_path)
    features = first.through(photos(0)).inputs["x"]
    again = Frozen(net, "cpu", tmp_path)
    assert (again.through(photos(0)).inputs["x"] == features).all() and len(list(tmp_path.iterdir())) == 1
    other = Frozen(net, "cpu", tmp_path)
    other.through(photos(1))
    other.remove_unused()
    assert set(tmp_path.iterdir()) == other.used
    assert set((data_home() / "cache").glob("features-*")) == before
