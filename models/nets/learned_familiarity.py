"""Familiarity of photos, learned with outliers: pictures that show nothing of the task.

The soft minimum of two measures, each in standard deviations over validation photos:
- minus the Mahalanobis distance of the features from the nearest class, with one covariance for all classes (Lee et
  al., "A Simple Unified Framework for Detecting Out-of-Distribution Samples and Adversarial Attacks", NeurIPS 2018),
  within the directions in which photos of the task and outliers vary most. It tells other places from those of the
  task;
- the log-odds that a picture is of the task rather than an outlier (Hendrycks et al., "Deep Anomaly Detection with
  Outlier Exposure", ICLR 2019, with the net unchanged), from the features and the mean and deviation of every channel
  of every stage. Early stages tell drawings, text and noise from photos.

For nets that are trained on the photos; those with a frozen trunk have `models.nets.bank_familiarity`, which rejects
photos of other places more often.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

LIMIT = 6.0  # of a standardised statistic; those of noise can be a hundred deviations from those of photos


class LearnedFamiliarity(nn.Module):
    """`forward(features, layers)`: features (N, D), statistics (N, W) -> (N,). Its tensors are buffers.

    features: D. layers: W. directions: of the features, in which the distance is measured. classes: number of centres.
    hidden: units that compute the log-odds.
    """

    def __init__(self, features: int, layers: int, directions: int, classes: int, hidden: int):
        super().__init__()
        self.register_buffer("origin", torch.zeros(features))
        self.register_buffer("whitening", torch.zeros(features, directions))
        self.register_buffer("centres", torch.zeros(classes, directions))
        self.register_buffer("layers_mean", torch.zeros(features + layers))
        self.register_buffer("layers_deviation", torch.ones(features + layers))
        self.register_buffer("first", torch.zeros(hidden, features + layers))
        self.register_buffer("first_bias", torch.zeros(hidden))
        self.register_buffer("second", torch.zeros(hidden))
        self.register_buffer("second_bias", torch.zeros(()))
        self.register_buffer("mean", torch.zeros(2))
        self.register_buffer("deviation", torch.ones(2))

    def forward(self, features: Tensor, layers: Tensor) -> Tensor:
        scaled = (self.measures(features, layers) - self.mean) / self.deviation
        return -torch.logsumexp(-scaled, dim=1)

    def measures(self, features: Tensor, layers: Tensor) -> Tensor:
        """Minus the distance from the nearest class, and the log-odds, (N, 2)."""
        hidden = (self.standardised(features, layers) @ self.first.T + self.first_bias).relu()
        return torch.stack([-self.distance(features), hidden @ self.second + self.second_bias], dim=1)

    def distance(self, features: Tensor) -> Tensor:
        """The Mahalanobis distance from the nearest class, (N,)."""
        white = (functional.normalize(features, dim=1) - self.origin) @ self.whitening  # (N, directions)
        squares = (white[:, None] - self.centres).square().sum(dim=2)  # (N, classes)
        return squares.amin(dim=1).sqrt()

    def standardised(self, features: Tensor, layers: Tensor) -> Tensor:
        """Features and statistics in standard deviations, within LIMIT, (N, D + W)."""
        both = torch.cat([features, layers], dim=1)
        return ((both - self.layers_mean) / self.layers_deviation).clamp(-LIMIT, LIMIT)
