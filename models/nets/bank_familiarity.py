"""Familiarity of photos for a frozen trunk, learned with outliers: pictures that show nothing of the task.

The soft minimum of two measures, each in standard deviations over validation photos:
- the cosine between the features and the nearest of a bank of centres of training features (after Sun et al.,
  "Out-of-Distribution Detection with Deep Nearest Neighbors", ICML 2022, with k-means centres in place of examples);
- the largest of the labels' scores, one linear score for each label, which tells its photos from those of all other
  labels and from outliers (after Hendrycks et al., "Deep Anomaly Detection with Outlier Exposure", ICLR 2019, with the
  net unchanged). It depends on the features and on the mean and deviation of every channel of every stage; early
  stages tell drawings, text and noise from photos.

Chosen on the features of holidays-efficientnet with each of the seven places left out of everything that is fitted
(`python -m training left-out holidays-efficientnet`): at a threshold that accepts 97% of the validation photos, photos
of the place left out are rejected in about 72% of the cases; with the measures of `models.nets.learned_familiarity` in
24%, with the largest cosine alone in about 50%, with the largest score alone in about 60%. More photos of places among
the outliers (`training.outliers.PLACES`) contribute a few points.

The trunk must be frozen. A net that was trained on the photos of the bank has features for them that no other photo
has: with such a net, the same threshold refuses 15% of the photos of the task that it has not seen.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

LIMIT = 6.0  # of a standardised statistic; those of noise can be a hundred deviations from those of photos


class BankFamiliarity(nn.Module):
    """`forward(features, layers)`: features (N, D), statistics (N, W) -> (N,). Its tensors are buffers.

    features: D. layers: W. centres: size of the bank. classes: number of labels with a score.
    """

    def __init__(self, features: int, layers: int, centres: int, classes: int):
        super().__init__()
        self.register_buffer("layers_mean", torch.zeros(layers))
        self.register_buffer("layers_deviation", torch.ones(layers))
        self.register_buffer("bank", torch.zeros(centres, features))
        self.register_buffer("weight", torch.zeros(classes, features + layers))
        self.register_buffer("bias", torch.zeros(classes))
        self.register_buffer("mean", torch.zeros(2))
        self.register_buffer("deviation", torch.ones(2))

    def forward(self, features: Tensor, layers: Tensor) -> Tensor:
        scaled = (self.measures(features, layers) - self.mean) / self.deviation
        return -torch.logsumexp(-scaled, dim=1)

    def measures(self, features: Tensor, layers: Tensor) -> Tensor:
        """The largest cosine and the largest score, (N, 2)."""
        cosines = functional.normalize(features, dim=1) @ self.bank.T  # (N, centres)
        scores = self.described(features, layers) @ self.weight.T + self.bias  # (N, classes)
        return torch.stack([cosines.amax(dim=1), scores.amax(dim=1)], dim=1)

    def described(self, features: Tensor, layers: Tensor) -> Tensor:
        """Unit features, and statistics in standard deviations, within LIMIT, (N, D + W)."""
        statistics = ((layers - self.layers_mean) / self.layers_deviation).clamp(-LIMIT, LIMIT)
        return torch.cat([functional.normalize(features, dim=1), statistics], dim=1)
