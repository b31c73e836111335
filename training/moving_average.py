"""The moving average of a net's weights (EMA), which is validated and shipped in place of the weights."""

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from training.schedule import ema_decay


class MovingAverage(AveragedModel):
    """torch's `AveragedModel` with a decay that rises to `ceiling`.

    It lists the tensors once; torch walks through all modules at every step, which takes longer than a small net's own
    update.
    """

    def __init__(self, net: nn.Module, ceiling: float):
        super().__init__(net)
        self._ceiling = ceiling
        self._weights = tuple([each.detach() for each in each_net.parameters()] for each_net in (self.module, net))
        self._statistics = list(self.module.buffers()), list(net.buffers())

    @torch.no_grad()
    def update_parameters(self, model: nn.Module) -> None:
        """Move the averages towards the weights of `model`, the net it was made of; copy its buffers."""
        averages, weights = self._weights
        updates = int(self.n_averaged)
        if updates:
            torch._foreach_lerp_(averages, weights, 1 - ema_decay(updates, self._ceiling))
        else:
            torch._foreach_copy_(averages, weights)
        if self._statistics[0]:
            torch._foreach_copy_(*self._statistics)
        self.n_averaged += 1
