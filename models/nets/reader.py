"""Readers of short texts, letter by letter. `forward(x, lengths, ngrams)` returns logits and features.

x: int64 (N, T) letters, 0 padding and 1 unknown; lengths: int64 (N,); ngrams: int64 (N, T, K), see
    `models.processors.characters`.
"""

import torch
from torch import Tensor, nn

from models.nets.ngram_scores import NgramScores, drop_rows
from models.nets.recurrent import Recurrent
from models.processors.base import UNKNOWN


class NgramReader(nn.Module):
    """Scores of n-grams only; the features are the logits."""

    def __init__(self, buckets: int, classes: int, dropout: float):
        super().__init__()
        self.head = NgramScores(buckets, classes, dropout)

    def forward(self, x: Tensor, lengths: Tensor, ngrams: Tensor) -> tuple[Tensor, Tensor]:
        logits = self.head(ngrams, lengths)
        return logits, logits


class RecurrentReader(nn.Module):
    """A recurrent net over the letters plus the scores of the n-grams; the logits are their sum.

    In training, each of the two answers a share of the examples alone, so that neither comes to depend on the other. In
    cross-validation on the training names, this had a lower calibrated loss than an average of several recurrent nets,
    at the same accuracy.

    width: dimensions of a letter. grams: dimensions of an n-gram in the input of the recurrent net (0: none). hidden:
    dimensions per direction. dropout: of the recurrent layers and the head. forget: shares of n-grams dropped in
    training, in the input of the recurrent net and in the scores. blank: share of letters replaced by the unknown token
    in training. alone: share of the examples that each part answers alone in training.
    """

    def __init__(
        self,
        cell: str,
        classes: int,
        letters: int,
        buckets: int,
        *,
        width: int = 64,
        grams: int = 0,
        hidden: int = 96,
        layers: int = 2,
        dropout: float = 0.5,
        forget: tuple[float, float] = (0.5, 0.3),
        blank: float = 0.01,
        alone: float = 0.3,
    ):
        super().__init__()
        self.blank = blank
        self.alone = alone
        self.letters = nn.Embedding(letters, width, padding_idx=0)
        self.grams = nn.Embedding(buckets, grams, padding_idx=0) if grams else None
        if self.grams is not None:
            self.grams.weight.data.mul_(0.3)  # because several are summed
        self.forget = nn.Dropout(forget[0])
        self.trunk = Recurrent(cell, width + grams, hidden, layers, dropout)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(self.trunk.size, classes)
        self.shortcut = NgramScores(buckets, classes, forget[1])

    def forward(self, x: Tensor, lengths: Tensor, ngrams: Tensor) -> tuple[Tensor, Tensor]:
        if self.training and self.blank:
            x, ngrams = self._blanked(x, ngrams)
        letters = self.letters(x)  # (N, T, width)
        if self.grams is not None:
            around = drop_rows(self.grams(ngrams), self.forget).sum(dim=2)  # (N, T, grams)
            letters = torch.cat([letters, around], dim=2)
        features = self.trunk(letters, lengths)  # (N, 4 H)
        read, scored = self.head(self.dropout(features)), self.shortcut(ngrams, lengths)  # (N, classes) both
        if self.training:
            chance = torch.rand(len(x), 1, device=x.device)
            read, scored = read * (chance > self.alone), scored * (chance < 1 - self.alone)
        return read + scored, features

    def start(self) -> nn.ModuleDict:
        """The modules that can start from the weights of another reader: all but the head and the n-gram scores."""
        grams = {} if self.grams is None else {"grams": self.grams}
        return nn.ModuleDict({"letters": self.letters, **grams, "trunk": self.trunk})

    def _blanked(self, x: Tensor, ngrams: Tensor) -> tuple[Tensor, Tensor]:
        gone = (torch.rand(x.shape, device=x.device) < self.blank) & (x > 0)  # (N, T)
        near = nn.functional.pad(gone, (2, 1))
        before, here, after = near[:, 1:-2], gone, near[:, 3:]
        touched = torch.stack([here | before, here | before | after, here | before | after | near[:, :-3]], dim=2)
        return torch.where(gone, UNKNOWN, x), torch.where(touched, 0, ngrams)
