"""Scores of hashed n-grams: a table with one number a label for each bucket, added up over a text.

Linear, so each n-gram's say can be read off.
"""

import torch
from torch import Tensor, nn

GAIN = 3.0  # the sum is of small numbers; this lets one learning rate serve it and the layers beside it


class NgramScores(nn.Module):
    """`forward(ngrams, lengths)`: buckets (N, T, K) with 0 for none, lengths (N,) -> scores (N, classes).

    dropout: share of the n-grams left out, each by itself, in training.
    """

    def __init__(self, buckets: int, classes: int, dropout: float = 0.5):
        super().__init__()
        self.table = nn.Embedding(buckets, classes, padding_idx=0)
        nn.init.zeros_(self.table.weight)
        self.bias = nn.Parameter(torch.zeros(classes))
        self.dropout = nn.Dropout(dropout)

    def forward(self, ngrams: Tensor, lengths: Tensor) -> Tensor:
        scores = some(self.table(ngrams), self.dropout)  # (N, T, K, classes)
        return scores.sum(dim=(1, 2)) * (GAIN * lengths[:, None] ** -0.5) + self.bias


def some(rows: Tensor, dropout: nn.Dropout) -> Tensor:
    """Rows of a table (..., D), in training some of them left out whole."""
    return rows * dropout(torch.ones_like(rows[..., :1]))
