"""Blocks of course nets for small grey pictures."""

import torch
from torch import Tensor, nn


def conv(before: int, after: int, kernel: int = 3, stride: int = 1) -> nn.Conv2d:
    """A convolution that keeps the size of its input (halves it at stride 2), without a bias: batch norm follows."""
    return nn.Conv2d(before, after, kernel, stride=stride, padding=kernel // 2, bias=False)


def conv_norm_relu(before: int, after: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """A convolution, batch norm and ReLU."""
    return nn.Sequential(conv(before, after, kernel, stride), nn.BatchNorm2d(after), nn.ReLU())


class Residual(nn.Module):
    """Two convolutions whose result is added to their input (He et al., CVPR 2016); the channels stay the same."""

    def __init__(self, channels: int):
        super().__init__()
        self.change = nn.Sequential(
            conv_norm_relu(channels, channels), conv(channels, channels), nn.BatchNorm2d(channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.change(x))


class Pooled(nn.Module):
    """The mean and the maximum of each channel: (N, C, H, W) -> (N, 2 C)."""

    def forward(self, x: Tensor) -> Tensor:
        maps = x.flatten(2)
        return torch.cat([maps.mean(dim=2), maps.amax(dim=2)], dim=1)
