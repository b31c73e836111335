"""How much an input is like what the net was trained on: one number that the abstain threshold cuts.

Two measures on one scale, and the lower one counts:
- the energy of the logits, log sum exp (Liu et al., "Energy-based Out-of-distribution Detection", NeurIPS 2020);
- the mean cosine between the input's features and the nearest of a bank of training features (after Sun et al.,
  "Out-of-Distribution Detection with Deep Nearest Neighbors", ICML 2022).
Each is centred and scaled by its mean and standard deviation on the validation part.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional


class Familiarity(nn.Module):
    """`forward(logits, features)` -> (N,). Its tensors are buffers, fitted after training; they are not parameters.

    bank: (size, features) unit vectors of training inputs; neighbours: how many of them count.
    """

    def __init__(self, features: int, size: int = 1000, neighbours: int = 10):
        super().__init__()
        self.neighbours = neighbours
        self.register_buffer("bank", torch.zeros(size, features))
        self.register_buffer("mean", torch.zeros(2))
        self.register_buffer("deviation", torch.ones(2))

    def measures(self, logits: Tensor, features: Tensor) -> Tensor:
        """Energy and mean cosine, (N, 2), not yet on one scale."""
        energy = torch.logsumexp(logits, dim=1)  # (N,)
        cosines = functional.normalize(features, dim=1) @ self.bank.T  # (N, size)
        nearest = torch.topk(cosines, self.neighbours, dim=1).values.mean(dim=1)  # (N,)
        return torch.stack([energy, nearest], dim=1)

    def forward(self, logits: Tensor, features: Tensor) -> Tensor:
        return ((self.measures(logits, features) - self.mean) / self.deviation).amin(dim=1)


class Served(nn.Module):
    """A net with its familiarity: what is saved, exported and served. Inputs as the net's; outputs logits (N, L) and familiarity (N,)."""

    def __init__(self, net: nn.Module, familiarity: nn.Module):
        super().__init__()
        self.net = net
        self.familiarity = familiarity

    def forward(self, *arrays: Tensor) -> tuple[Tensor, Tensor]:
        logits, features = self.net(*arrays)
        return logits, self.familiarity(logits, features)
