"""Stochastic gradient descent by hand: each step moves a parameter against its gradient, times the learning rate."""

import torch


class SGD(torch.optim.Optimizer):
    """Plain gradient descent: no momentum, no weight decay, no state."""

    def __init__(self, parameters, lr: float):
        super().__init__(parameters, {"lr": lr})

    @torch.no_grad()
    def step(self, closure=None) -> None:
        """Move all parameters that have a gradient."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    parameter -= group["lr"] * parameter.grad
