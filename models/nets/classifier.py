"""The structure of every classifier: a trunk that computes features and a linear head that computes logits."""

from torch import Tensor, nn


class Classifier(nn.Module):
    """`forward(x)` returns the logits (N, classes) and the features (N, F) from which they were computed."""

    def __init__(self, trunk: nn.Module, head: nn.Linear):
        super().__init__()
        self.trunk = trunk
        self.head = head

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        features = self.trunk(x)  # (N, F)
        return self.head(features), features
