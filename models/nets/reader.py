"""Readers of short texts, letter by letter: `forward(x, lengths, ngrams)` gives logits and features, as every classifier does.

x: int64 (N, T) letters, 0 padding and 1 unknown; lengths: int64 (N,); ngrams: int64 (N, T, K), see `models.processors.characters`.
"""

import torch
from torch import Tensor, nn

from models.nets.ngram_scores import NgramScores
from models.nets.recurrent import Recurrent

UNKNOWN = 1


class NgramReader(nn.Module):
    """The n-grams' scores alone; the features are the scores."""

    def __init__(self, buckets: int, classes: int, dropout: float):
        super().__init__()
        self.head = NgramScores(buckets, classes, dropout)

    def forward(self, x: Tensor, lengths: Tensor, ngrams: Tensor) -> tuple[Tensor, Tensor]:
        logits = self.head(ngrams, lengths)
        return logits, logits


class RecurrentReader(nn.Module):
    """A recurrent net over the letters, and beside it the n-grams' scores as a shortcut: the net learns what they leave over.

    hidden: numbers a direction; dropout: of the recurrent layers and the head; forget: share of the n-grams left out in
    training; blank: share of the letters replaced by the unknown mark in training, with the n-grams they are in.
    """

    def __init__(
        self,
        cell: str,
        classes: int,
        letters: int,
        buckets: int,
        *,
        width: int = 64,
        hidden: int = 96,
        layers: int = 2,
        dropout: float = 0.5,
        forget: float = 0.5,
        blank: float = 0.02,
    ):
        super().__init__()
        self.blank = blank
        self.letters = nn.Embedding(letters, width, padding_idx=0)
        self.trunk = Recurrent(cell, width, hidden, layers, dropout)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(self.trunk.size, classes)
        self.shortcut = NgramScores(buckets, classes, forget)

    def forward(self, x: Tensor, lengths: Tensor, ngrams: Tensor) -> tuple[Tensor, Tensor]:
        if self.training and self.blank:
            x, ngrams = self._blanked(x, ngrams)
        features = self.trunk(self.letters(x), lengths)  # (N, 4 H)
        return self.head(self.dropout(features)) + self.shortcut(ngrams, lengths), features

    def _blanked(self, x: Tensor, ngrams: Tensor) -> tuple[Tensor, Tensor]:
        gone = (torch.rand(x.shape, device=x.device) < self.blank) & (x > 0)  # (N, T)
        near = nn.functional.pad(gone, (2, 1))
        before, here, after = near[:, 1:-2], gone, near[:, 3:]
        touched = torch.stack([here | before, here | before | after, here | before | after | near[:, :-3]], dim=2)
        return torch.where(gone, UNKNOWN, x), torch.where(touched, 0, ngrams)
