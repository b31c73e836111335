"""How much an input is like what the net was trained on: one number that the abstain threshold cuts.

The soft minimum of two measures, each centred and scaled by its mean and standard deviation over training examples:
- the largest logit (Hendrycks et al., "Scaling Out-of-Distribution Detection for Real-World Settings", ICML 2022);
- the mean cosine between the input's features and the nearest of a bank of centres of training features (after Sun et al.,
  "Out-of-Distribution Detection with Deep Nearest Neighbors", ICML 2022, with k-means centres in place of examples).

Chosen on inputs that are not reported, with mnist-cnn at the threshold that keeps 97% of each source: letters of UNIPEN's train
writers, three other noises, grey photos, photos cut out in random outlines, four kinds of other scribbles. Mean share stopped
of the ten kinds, and of the letters: energy alone 60%, 40%; largest logit alone 63%, 48%; cosine to 1,000 and 2,000 centres
95%, 69% and 95%, 71%; the lower of logit and cosine (2,000) 96%, 71%; their soft minimum 96%, 74%; the same with the energy
96%, 72%. Their plain mean lets salt and pepper through, which has so much ink that its logits are large; distances and
Mahalanobis distances let all noise through, because its features are small.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional


class Familiarity(nn.Module):
    """`forward(logits, features)` -> (N,). Its tensors are buffers, fitted after training; they are not parameters.

    bank: (size, features) unit vectors, the centres of training features; neighbours: how many of them count.
    """

    def __init__(self, features: int, size: int = 2000, neighbours: int = 2):
        super().__init__()
        self.neighbours = neighbours
        self.register_buffer("bank", torch.zeros(size, features))
        self.register_buffer("mean", torch.zeros(2))
        self.register_buffer("deviation", torch.ones(2))

    def measures(self, logits: Tensor, features: Tensor) -> Tensor:
        """Largest logit and mean cosine, (N, 2), not yet on one scale."""
        cosines = functional.normalize(features, dim=1) @ self.bank.T  # (N, size)
        nearest = torch.topk(cosines, self.neighbours, dim=1).values.mean(dim=1)  # (N,)
        return torch.stack([logits.amax(dim=1), nearest], dim=1)

    def forward(self, logits: Tensor, features: Tensor) -> Tensor:
        scaled = (self.measures(logits, features) - self.mean) / self.deviation
        return -torch.logsumexp(-scaled, dim=1)


class Served(nn.Module):
    """A net with its familiarity: what is saved, exported and served. Inputs as the net's; outputs logits (N, L) and familiarity (N,)."""

    def __init__(self, net: nn.Module, familiarity: nn.Module):
        super().__init__()
        self.net = net
        self.familiarity = familiarity

    def forward(self, *arrays: Tensor) -> tuple[Tensor, Tensor]:
        logits, features = self.net(*arrays)
        return logits, self.familiarity(logits, features)
