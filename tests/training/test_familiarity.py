"""Familiarity: fitted on training examples, high on the like of them, low on what is nothing."""

import numpy as np
import torch
from torch import nn

from models.nets.classifier import Classifier
from models.nets.familiarity import depth
from training.data.examples import Examples
from training.familiarity import fit_familiarity


def _two_heaps(n: int, seed: int = 0) -> Examples:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, n)
    heaps = np.where(labels[:, None] == 1, [4.0, 0.0], [0.0, 4.0]) + random.normal(0, 0.3, (n, 2))
    return Examples({"x": heaps.astype(np.float32)}, labels)


def _net() -> Classifier:
    head = nn.Linear(2, 2)
    with torch.no_grad():
        head.weight.copy_(torch.tensor([[-1.0, 1.0], [1.0, -1.0]]))
        head.bias.zero_()
    return Classifier(nn.Identity(), head).eval()


def test_training_examples_are_familiar_and_what_lies_between_is_not():
    net = _net()
    familiarity, arguments = fit_familiarity(net, _two_heaps(5_000), "cpu", seed=0)
    assert arguments == {"features": 2, "size": 2_000, "neighbours": 2}
    assert torch.allclose(familiarity.bank.norm(dim=1), torch.ones(2_000), atol=1e-5)
    with torch.no_grad():
        like = familiarity(*net(torch.from_numpy(_two_heaps(500, seed=1).inputs["x"])))
        strange = familiarity(*net(torch.tensor([[2.0, 2.0], [-3.0, -3.0], [0.1, 0.1], [40.0, 30.0]])))
    assert strange.max() < torch.quantile(like, 0.03)


def test_a_class_of_few_examples_has_them_all_in_the_bank():
    familiarity, arguments = fit_familiarity(_net(), _two_heaps(40), "cpu", seed=0)
    assert arguments["size"] == 40 and arguments["neighbours"] == 2
    assert torch.isfinite(familiarity(*_net()(torch.zeros(1, 2)))).all()


def test_it_has_no_parameters():
    familiarity, _ = fit_familiarity(_net(), _two_heaps(40), "cpu", seed=0)
    assert not list(familiarity.parameters())


def test_grey_surfaces_are_strange_to_a_net_of_ink_that_cannot_tell():
    random = np.random.default_rng(0)
    strokes = np.zeros((600, 1, 28, 28), np.float32)
    for picture, column, width in zip(
        strokes[:, 0], random.integers(6, 18, 600), random.integers(2, 5, 600), strict=True
    ):
        picture[4:24, column : column + width] = 1.0

    class Blind(nn.Module):  # the same features and logits, whatever it sees
        def forward(self, x):
            return torch.ones(len(x), 2), torch.ones(len(x), 3) + 0.01 * torch.randn(len(x), 3)

    torch.manual_seed(0)
    familiarity, arguments = fit_familiarity(Blind(), Examples({"x": strokes}, np.zeros(600, np.int64)), "cpu", seed=0)
    assert arguments["ink"]
    like = familiarity(*Blind()(strokes), torch.from_numpy(strokes))
    grey = torch.zeros(50, 1, 28, 28)
    grey[:, :, 4:24, 4:24] = 0.5
    noise = torch.rand(50, 1, 28, 28)
    for strange in (grey, noise):
        assert familiarity(*Blind()(strange), strange).max() < torch.quantile(like, 0.03)


def test_depth_is_the_ink_with_ink_all_around():
    picture = torch.zeros(2, 1, 28, 28)
    picture[0, 0, 4:24, 12:16] = 1.0  # a stroke, four pixels wide
    picture[1, 0, 4:24, 4:24] = 0.5  # a grey square: sixteen by sixteen of its pixels lie deep
    assert torch.allclose(depth(picture), torch.tensor([0.0, 0.5 * 16 * 16 / 28**2]))
