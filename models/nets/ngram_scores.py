"""Scores of hashed n-grams: a table with one score per bucket and label, summed over a text.

The model is linear, so the contribution of each n-gram can be read off.
"""

import torch
from torch import Tensor, nn

GAIN = 3.0  # scales the sum, so that one learning rate suits the table and the other layers


class NgramScores(nn.Module):
    """`forward(ngrams, lengths)`: buckets (N, T, K) with 0 for none, lengths (N,) -> scores (N, classes).

    dropout: share of the n-grams dropped independently in training.
    """

    def __init__(self, buckets: int, classes: int, dropout: float = 0.5):
        super().__init__()
        self.table = nn.Embedding(buckets, classes, padding_idx=0)
        nn.init.zeros_(self.table.weight)
        self.bias = nn.Parameter(torch.zeros(classes))
        self.dropout = nn.Dropout(dropout)

    def forward(self, ngrams: Tensor, lengths: Tensor) -> Tensor:
        scores = drop_rows(self.table(ngrams), self.dropout)  # (N, T, K, classes)
        return scores.sum(dim=(1, 2)) * (GAIN * lengths[:, None] ** -0.5) + self.bias


def drop_rows(rows: Tensor, dropout: nn.Dropout) -> Tensor:
    """Rows of a table (..., D); in training, whole rows are dropped."""
    return rows * dropout(torch.ones_like(rows[..., :1]))
