"""A reader of sentences, word by word: `forward(x, lengths)` returns logits and features.

x: int64 (N, T) words, 0 padding and 1 unknown; lengths: int64 (N,); see `models.processors.words`.
"""

import torch
from torch import Tensor, nn

from models.nets.recurrent import Recurrent
from models.processors.base import UNKNOWN


class WordReader(nn.Module):
    """A recurrent net over word vectors, with a linear head over the maximum and the mean of its states.

    width: dimensions of a word vector. hidden: dimensions per direction. seen: dropout of the word vectors. dropout: of
    the layers above and the head. blank: share of words replaced by the unknown token in training.
    """

    def __init__(
        self,
        cell: str,
        classes: int,
        words: int,
        *,
        width: int = 50,
        hidden: int = 128,
        layers: int = 2,
        seen: float = 0.3,
        dropout: float = 0.5,
        blank: float = 0.05,
    ):
        super().__init__()
        self.blank = blank
        self.words = nn.Embedding(words, width, padding_idx=0)
        self.trunk = Recurrent(cell, width, hidden, layers, dropout, first=seen)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(self.trunk.size, classes)

    def forward(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        if self.training and self.blank:
            gone = (torch.rand(x.shape, device=x.device) < self.blank) & (x > 0)  # (N, T)
            x = torch.where(gone, UNKNOWN, x)
        features = self.trunk(self.words(x), lengths)  # (N, 4 H)
        return self.head(self.dropout(features)), features
