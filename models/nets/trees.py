"""Boosted decision trees as tensors: the sum of what the trees of an ensemble say, in plain torch operations.

`training/boosting.py` fits the trees with scikit-learn. As a module they are stored, exported and run like every other
net: with weights as safetensors, and as a graph of standard ONNX operators, which skl2onnx's tree operator is not.
"""

import torch
from torch import Tensor, nn


class Trees(nn.Module):
    """`forward(x)`: x float32 (N, D) -> logits (N, classes), and the same as features.

    rounds: of boosting, with one tree each for two labels, otherwise one tree per label. leaves: of a tree, at most.
    Node 0 of a tree is its root. A node goes to `left` if x[feature] <= threshold, otherwise to `right`; a leaf goes to
    itself. value: what a leaf adds.
    """

    def __init__(self, classes: int, rounds: int, leaves: int):
        super().__init__()
        self.outputs = 1 if classes == 2 else classes
        self.rounds, self.leaves, nodes = rounds, leaves, 2 * leaves - 1
        shape = (rounds * self.outputs, nodes)  # the trees of a round are neighbours
        self.register_buffer("feature", torch.zeros(shape, dtype=torch.int64))
        self.register_buffer("left", torch.arange(nodes).repeat(shape[0], 1))
        self.register_buffer("right", torch.arange(nodes).repeat(shape[0], 1))
        self.threshold = nn.Parameter(torch.zeros(shape), requires_grad=False)
        self.value = nn.Parameter(torch.zeros(shape), requires_grad=False)
        self.baseline = nn.Parameter(torch.zeros(self.outputs), requires_grad=False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        trees, nodes = self.feature.shape
        offset = torch.arange(trees) * nodes  # of each tree in the flat tables
        at = torch.zeros_like(x[:, :1], dtype=torch.int64) + offset  # (N, trees), the roots
        for _ in range(self.leaves - 1):  # no path is longer
            goes_left = x.gather(1, self.feature.flatten()[at]) <= self.threshold.flatten()[at]
            at = torch.where(goes_left, self.left.flatten()[at], self.right.flatten()[at]) + offset
        sums = self.value.flatten()[at].reshape(-1, self.rounds, self.outputs).sum(dim=1) + self.baseline
        logits = torch.cat([torch.zeros_like(sums), sums], dim=1) if self.outputs == 1 else sums
        return logits, logits
