"""The shape every classifier of the zoo has: a trunk that makes features and a linear head that makes logits."""

from torch import Tensor, nn


class Classifier(nn.Module):
    """`forward(x)` gives the logits (N, classes) and the features (N, F) they were computed from."""

    def __init__(self, trunk: nn.Module, head: nn.Linear):
        super().__init__()
        self.trunk = trunk
        self.head = head

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        features = self.trunk(x)  # (N, F)
        return self.head(features), features
