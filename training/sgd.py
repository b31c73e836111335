"""Stochastic gradient descent by hand: each step moves a parameter against its gradient, times the learning rate."""

import torch


class SGD(torch.optim.Optimizer):
    """Gradient descent without weight decay.

    momentum: share of the last step's direction that is added to the gradient, as in `torch.optim.SGD`; with 0, there
    is no state.
    """

    def __init__(self, parameters, lr: float, momentum: float = 0.0):
        super().__init__(parameters, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure=None) -> None:
        """Move all parameters that have a gradient."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    parameter -= group["lr"] * self._direction(parameter, group["momentum"])

    def _direction(self, parameter: torch.Tensor, momentum: float) -> torch.Tensor:
        """The gradient of a parameter or, with momentum, the decaying sum of its gradients so far."""
        if not momentum:
            return parameter.grad
        state = self.state[parameter]
        if "direction" in state:
            state["direction"].mul_(momentum).add_(parameter.grad)
        else:
            state["direction"] = parameter.grad.clone()
        return state["direction"]
