"""The moving average is torch's, with a decay that rises."""

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from training.moving_average import MovingAverage
from training.schedule import ema_decay


@pytest.mark.parametrize("layers", [[nn.Linear(4, 3)], [nn.Linear(4, 3), nn.BatchNorm1d(3)], [nn.GRU(4, 3)]])
def test_it_equals_that_of_torch_to_the_bit(layers):
    torch.manual_seed(0)
    net = nn.Sequential(*layers)

    @torch.no_grad()
    def rule(averages, currents, updates):
        torch._foreach_lerp_(averages, currents, 1 - ema_decay(int(updates), 0.99))

    ours, reference = MovingAverage(net, 0.99), AveragedModel(net, multi_avg_fn=rule)
    for _ in range(30):
        with torch.no_grad():
            for tensor in net.parameters():
                tensor += torch.randn_like(tensor)
        if len(layers) > 1:
            net(torch.randn(5, 4))  # changes the statistics of batch norm
        ours.update_parameters(net)
        reference.update_parameters(net)
    assert ours.state_dict().keys() == reference.state_dict().keys()
    assert all(torch.equal(ours.state_dict()[name], value) for name, value in reference.state_dict().items())


def test_a_restored_average_goes_on_where_it_was():
    net = nn.Linear(2, 2)
    first, second = MovingAverage(net, 0.9), MovingAverage(net, 0.9)
    first.update_parameters(net)
    second.load_state_dict(first.state_dict())
    with torch.no_grad():
        net.weight += 1
    first.update_parameters(net)
    second.update_parameters(net)
    assert torch.equal(first.module.weight, second.module.weight) and int(second.n_averaged) == 2
