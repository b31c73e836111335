"""Familiarity: fitted on training examples, high for similar inputs, low for unrelated ones."""

import numpy as np
import torch
from torch import nn

from models.nets.classifier import Classifier
from models.nets.familiarity import depth
from training.data.examples import Examples
from training.familiarity import fit_familiarity


def _two_clusters(n: int, seed: int = 0) -> Examples:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, n)
    clusters = np.where(labels[:, None] == 1, [4.0, 0.0], [0.0, 4.0]) + random.normal(0, 0.3, (n, 2))
    return Examples({"x": clusters.astype(np.float32)}, labels)


def _net() -> Classifier:
    head = nn.Linear(2, 2)
    with torch.no_grad():
        head.weight.copy_(torch.tensor([[-1.0, 1.0], [1.0, -1.0]]))
        head.bias.zero_()
    return Classifier(nn.Identity(), head).eval()


def test_training_examples_are_familiar_and_points_between_are_not():
    net = _net()
    familiarity, arguments = fit_familiarity(net, _two_clusters(5_000), "cpu", seed=0)
    assert arguments == {"features": 2, "size": 2_000, "neighbours": 2}
    assert torch.allclose(familiarity.bank.norm(dim=1), torch.ones(2_000), atol=1e-5)
    with torch.no_grad():
        familiar = familiarity(*net(torch.from_numpy(_two_clusters(500, seed=1).inputs["x"])))
        unfamiliar = familiarity(*net(torch.tensor([[2.0, 2.0], [-3.0, -3.0], [0.1, 0.1], [40.0, 30.0]])))
    assert unfamiliar.max() < torch.quantile(familiar, 0.03)


def test_a_small_class_is_in_the_bank_completely():
    familiarity, arguments = fit_familiarity(_net(), _two_clusters(40), "cpu", seed=0)
    assert arguments["size"] == 40 and arguments["neighbours"] == 2
    assert torch.isfinite(familiarity(*_net()(torch.zeros(1, 2)))).all()


def test_familiarity_has_no_parameters():
    familiarity, _ = fit_familiarity(_net(), _two_clusters(40), "cpu", seed=0)
    assert not list(familiarity.parameters())


def test_grey_surfaces_are_unfamiliar_to_an_ink_net():
    random = np.random.default_rng(0)
    strokes = np.zeros((600, 1, 28, 28), np.float32)
    for picture, column, width in zip(
        strokes[:, 0], random.integers(6, 18, 600), random.integers(2, 5, 600), strict=True
    ):
        picture[4:24, column : column + width] = 1.0

    class Blind(nn.Module):  # the same features and logits for every input
        def forward(self, x):
            return torch.ones(len(x), 2), torch.ones(len(x), 3) + 0.01 * torch.randn(len(x), 3)

    torch.manual_seed(0)
    familiarity, arguments = fit_familiarity(Blind(), Examples({"x": strokes}, np.zeros(600, np.int64)), "cpu", seed=0)
    assert arguments["ink"]
    familiar = familiarity(*Blind()(strokes), torch.from_numpy(strokes))
    grey = torch.zeros(50, 1, 28, 28)
    grey[:, :, 4:24, 4:24] = 0.5
    noise = torch.rand(50, 1, 28, 28)
    for unfamiliar in (grey, noise):
        assert familiarity(*Blind()(unfamiliar), unfamiliar).max() < torch.quantile(familiar, 0.03)


def test_depth_counts_ink_surrounded_by_ink():
    picture = torch.zeros(2, 1, 28, 28)
    picture[0, 0, 4:24, 12:16] = 1.0  # a stroke, four pixels wide
    picture[1, 0, 4:24, 4:24] = 0.5  # a grey square, of which 16 by 16 pixels are deep
    assert torch.allclose(depth(picture), torch.tensor([0.0, 0.5 * 16 * 16 / 28**2]))
