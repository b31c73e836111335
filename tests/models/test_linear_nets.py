"""The nets whose logits are sums over pixels: mean images, one set of weights for two labels, exact evidence."""

import pytest
import torch

from models.nets.familiarity import Familiarity, Served
from models.nets.linear import LinearPixels, MeanImages


def pictures(count: int = 6) -> torch.Tensor:
    return torch.rand(count, 1, 4, 4, generator=torch.Generator().manual_seed(0))


def test_the_mean_images_are_those_of_each_label_and_the_nearer_one_wins():
    net, x, labels = MeanImages(2, size=4), pictures(), torch.tensor([0, 1, 0, 1, 1, 0])
    net.estimate(x, labels)
    torch.testing.assert_close(net.means[1], x[labels == 1, 0].mean(dim=0))
    logits, _ = net(x)
    torch.testing.assert_close(logits[0], -(x[0] - net.means).abs().sum(dim=(1, 2)))
    assert net(net.means[:, None])[0].argmax(dim=1).tolist() == [0, 1]


def test_two_labels_share_one_set_of_weights_and_have_the_probabilities_of_a_sigmoid():
    net = LinearPixels(2, size=4)
    assert sum(parameter.numel() for parameter in net.parameters()) == 4 * 4 + 1
    logits, _ = net(pictures())
    torch.testing.assert_close(logits.softmax(dim=1)[:, :1], net.head(pictures().flatten(1)).sigmoid())


@pytest.mark.parametrize("net", [MeanImages(3, size=4), LinearPixels(2, size=4), LinearPixels(3, size=4)])
def test_the_evidence_of_all_pixels_adds_up_to_the_logits(net):
    if isinstance(net, MeanImages):
        net.estimate(pictures(), torch.arange(6) % 3)
    else:
        net.head.bias.data.zero_()
    logits, _, evidence = net.with_evidence(pictures())
    assert evidence.shape == (*logits.shape, 4, 4)
    torch.testing.assert_close(evidence.sum(dim=(2, 3)), logits - logits.mean(dim=1, keepdim=True))


def test_a_served_one_returns_its_evidence():
    served = Served(LinearPixels(2, size=4), Familiarity(features=2, neighbours=0))
    assert served.outputs == ("logits", "familiarity", "evidence")
    assert [output.shape[0] for output in served(pictures())] == [6, 6, 6]
