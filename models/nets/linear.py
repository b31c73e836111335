"""Nets whose logits are sums over pixels, so that each pixel's share of an answer is exact and is their evidence."""

import torch
from torch import Tensor, nn


class MeanImages(nn.Module):
    """Compares ink (N, 1, H, W) with the mean image of each label; nothing is learned by gradient descent.

    The logit of a label is minus the L1 distance to its mean image: the sum of the absolute differences of all pixels.
    `estimate` computes the mean images. The features are the logits.
    """

    def __init__(self, classes: int, size: int):
        super().__init__()
        self.means = nn.Parameter(torch.zeros(classes, size, size), requires_grad=False)

    @torch.no_grad()
    def estimate(self, x: Tensor, labels: Tensor) -> None:
        """Set the mean images to those of ink x (N, 1, H, W) with these labels (N,)."""
        for label in range(len(self.means)):
            self.means[label] = x[labels == label, 0].double().mean(dim=0).float()

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        logits, features, _ = self.with_evidence(x)
        return logits, features

    def with_evidence(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The logits, the features and the evidence (N, L, H, W): what each pixel adds to a label's logit.

        The evidence is relative to the mean over all labels.
        """
        closeness = -(x - self.means).abs()  # (N, L, H, W)
        logits = closeness.sum(dim=(2, 3))
        return logits, logits, closeness - closeness.mean(dim=1, keepdim=True)


class LinearPixels(nn.Module):
    """A weight for each pixel of ink (N, 1, H, W) and a bias; two labels share one set of weights.

    The logit of the first of two labels is the weighted sum, that of the second is 0, so that the softmax is the
    sigmoid of the sum. With more labels, each has its own weights. The features are the logits.
    """

    def __init__(self, classes: int, size: int):
        super().__init__()
        self.classes, self.size = classes, size
        self.head = nn.Linear(size**2, 1 if classes == 2 else classes)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        logits = self._of_labels(self.head(x.flatten(1)))
        return logits, logits

    def with_evidence(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """As of `MeanImages`; the bias belongs to no pixel and is left out."""
        logits, features = self(x)
        parts = self._of_labels(x.flatten(2) * self.head.weight)  # (N, L, H * W)
        parts = parts - parts.mean(dim=1, keepdim=True)
        return logits, features, parts.view(-1, self.classes, self.size, self.size)

    def _of_labels(self, scores: Tensor) -> Tensor:
        """Scores of each label, (N, L, ...), from those of the outputs of the head."""
        return torch.cat([scores, torch.zeros_like(scores)], dim=1) if self.classes == 2 else scores
