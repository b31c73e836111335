"""Distillation: a net learns a teacher's answers beside the labels (Hinton, Vinyals, Dean, "Distilling the Knowledge in a Neural
Network", 2015).

A teacher is larger than its pupil, so it answers once, before the training: to VIEWS augmented copies of every example, which
the epochs then go through in turn. The copies are the same for every seed; a process that trains several makes them once.
"""

import hashlib
from functools import cache

import torch
from torch import nn
from torch.nn import functional as F

from models import catalog
from models.checkpoint import Checkpoint
from models.engines.torch import build
from models.entry import Augment
from training.augment import augment
from training.batches import Batches

VIEWS = 8  # copies; an example is the same picture again after so many epochs
SOFTNESS = 3.0  # the temperature at which teacher and pupil are compared
SHARE = 0.8  # of the loss that is the teacher's; the rest is the labels'


class Teacher(nn.Module):
    """A trained model of the same task, frozen: `forward(x)` gives calibrated logits (N, L)."""

    def __init__(self, id: str, device: torch.device):
        super().__init__()
        checkpoint = Checkpoint.open(catalog.find(id).path)
        self.net = build(checkpoint).net.to(device, memory_format=torch.channels_last).eval().requires_grad_(False)
        self.temperature = checkpoint.config.temperature
        self._views: dict[tuple[Augment, str], list[dict[str, torch.Tensor]]] = {}

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x.contiguous(memory_format=torch.channels_last))[0] / self.temperature

    @torch.no_grad()
    def views(self, batches: Batches, amounts: Augment) -> list[Batches]:
        """VIEWS augmented copies of all examples, each with the teacher's logits among its inputs, as "teacher"."""
        key = (amounts, hashlib.sha256(batches.inputs["x"].cpu().numpy().tobytes()).hexdigest())
        if key not in self._views:
            generator = torch.Generator(batches.device).manual_seed(0)
            self._views[key] = [self._view(batches, amounts, generator) for _ in range(VIEWS)]
        return [batches.with_inputs(view) for view in self._views[key]]

    def _view(self, batches: Batches, amounts: Augment, generator: torch.Generator) -> dict[str, torch.Tensor]:
        pictures = [augment(inputs["x"], amounts, generator) for inputs, _labels in batches.in_order()]
        return {"x": torch.cat(pictures), "teacher": torch.cat([self(some) for some in pictures])}


@cache
def teacher(id: str, device: str) -> Teacher:
    """The teacher of that id, loaded once, with the views it has answered to."""
    return Teacher(id, torch.device(device))


def loss(logits: torch.Tensor, teacher: torch.Tensor, labels: torch.Tensor, label_smoothing: float) -> torch.Tensor:
    """The mean loss of a batch: logits and the teacher's (N, L), labels (N,)."""
    soft = F.kl_div(
        F.log_softmax(logits / SOFTNESS, dim=1), F.log_softmax(teacher / SOFTNESS, dim=1), reduction="batchmean", log_target=True
    )
    hard = F.cross_entropy(logits, labels, label_smoothing=label_smoothing)
    return SHARE * SOFTNESS**2 * soft + (1 - SHARE) * hard
