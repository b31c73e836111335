"""Nets for fields: small ones, on the standardised columns of `models.processors.table`."""

import torch
from torch import Tensor, nn


class OneLogit(nn.Module):
    """A head for two labels with a single output z: features (N, F) -> logits (N, 2), which are 0 and z.

    Their softmax is the sigmoid of z, so that the net is the one of courses, whose last layer has one unit.
    """

    def __init__(self, features: int):
        super().__init__()
        self.linear = nn.Linear(features, 1)

    def forward(self, features: Tensor) -> Tensor:
        z = self.linear(features)
        return torch.cat([torch.zeros_like(z), z], dim=1)


def head(features: int, classes: int) -> nn.Module:
    """`OneLogit` for two labels, otherwise a linear layer."""
    return OneLogit(features) if classes == 2 else nn.Linear(features, classes)
