"""A small convolutional trunk for characters, shared by the letter models and the digit model they start from."""

import torch
from torch import Tensor, nn


def _block(before: int, after: int, stride: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(before, after, kernel_size=3, stride=stride, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(after), nn.ReLU())


class ConvTrunk(nn.Module):
    """x: (N, 1, 28, 28) -> features (N, 256): the mean and the maximum of 128 channels over the last feature map."""

    def __init__(self, dropout: float = 0.0):
        super().__init__()
        self.convolutions = nn.Sequential(
            _block(1, 32),  # (N, 32, 28, 28)
            _block(32, 32, stride=2),  # (N, 32, 14, 14)
            _block(32, 64),  # (N, 64, 14, 14)
            _block(64, 64, stride=2),  # (N, 64, 7, 7)
            _block(64, 128),  # (N, 128, 7, 7)
            _block(128, 128, stride=2),  # (N, 128, 4, 4)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        maps = self.convolutions(x).flatten(2)  # (N, 128, 16)
        return self.dropout(torch.cat([maps.mean(dim=2), maps.amax(dim=2)], dim=1))  # (N, 256)
