"""The blocks of course nets: residual, pre-activation, inception and dense blocks for small grey pictures."""

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


class PreActivation(nn.Module):
    """A residual block with batch norm and ReLU before each convolution (He et al., ECCV 2016)."""

    def __init__(self, before: int, after: int, stride: int = 1):
        super().__init__()
        self.activation = nn.Sequential(nn.BatchNorm2d(before), nn.ReLU())
        self.shortcut = conv(before, after, kernel=1, stride=stride)
        self.change = nn.Sequential(conv(before, after, stride=stride), nn.BatchNorm2d(after), nn.ReLU())
        self.change.append(conv(after, after))

    def forward(self, x: Tensor) -> Tensor:
        active = self.activation(x)
        return self.shortcut(active) + self.change(active)


class Inception(nn.Module):
    """Four branches side by side, with 88 channels together: the module of the PyTorch courses.

    1x1; 1x1 and 5x5; 1x1 and two 3x3; mean of 3x3 and 1x1 (after Szegedy et al., "Going Deeper with Convolutions",
    CVPR 2015).
    """

    CHANNELS = 88

    def __init__(self, before: int):
        super().__init__()
        self.branches = nn.ModuleList(
            (
                conv_norm_relu(before, 16, kernel=1),
                nn.Sequential(conv_norm_relu(before, 16, kernel=1), conv_norm_relu(16, 24, kernel=5)),
                nn.Sequential(conv_norm_relu(before, 16, kernel=1), conv_norm_relu(16, 24), conv_norm_relu(24, 24)),
                nn.Sequential(nn.AvgPool2d(3, stride=1, padding=1), conv_norm_relu(before, 24, kernel=1)),
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.branches], dim=1)


class Dense(nn.Module):
    """Layers that each see the output of all layers before (Huang et al., CVPR 2017); each adds `growth` channels."""

    def __init__(self, before: int, layers: int, growth: int):
        super().__init__()
        widths = [before + growth * layer for layer in range(layers)]
        self.layers = nn.ModuleList(
            nn.Sequential(nn.BatchNorm2d(width), nn.ReLU(), conv(width, growth)) for width in widths
        )

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = torch.cat([x, layer(x)], dim=1)
        return x


class Pooled(nn.Module):
    """The mean and the maximum of each channel: (N, C, H, W) -> (N, 2 C)."""

    def forward(self, x: Tensor) -> Tensor:
        maps = x.flatten(2)
        return torch.cat([maps.mean(dim=2), maps.amax(dim=2)], dim=1)
