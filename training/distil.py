"""Distillation: a net learns a teacher's answers beside the labels (Hinton, Vinyals, Dean, "Distilling the Knowledge in a Neural
Network", 2015).

A teacher is larger than its pupil, so it answers once, before the training: to VIEWS augmented copies of every example, which
the epochs then go through in turn.
"""

import torch
from torch import nn
from torch.nn import functional as F

from models import catalog
from models.checkpoint import Checkpoint
from models.engines.torch import build
from models.entry import Augment
from training.augment import augment
from training.batches import Batches

VIEWS = 10  # copies; each example is then seen once in so many epochs as the same picture
SOFTNESS = 3.0  # the temperature at which teacher and pupil are compared
SHARE = 0.8  # of the loss that is the teacher's; the rest is the labels'


class Teacher(nn.Module):
    """A trained model of the same task, frozen: `forward(**inputs)` gives calibrated logits (N, L)."""

    def __init__(self, id: str, device: torch.device):
        super().__init__()
        checkpoint = Checkpoint.open(catalog.find(id).path)
        self.net = build(checkpoint).net.to(device, memory_format=torch.channels_last).eval().requires_grad_(False)
        self.temperature = checkpoint.config.temperature

    def forward(self, **inputs: torch.Tensor) -> torch.Tensor:
        return self.net(**inputs)[0] / self.temperature


@torch.no_grad()
def views(batches: Batches, amounts: Augment, teacher: Teacher, generator: torch.Generator) -> list[Batches]:
    """VIEWS augmented copies of all examples, each with the teacher's logits among its inputs, as "teacher"."""
    copies = []
    for _ in range(VIEWS):
        pictures, answers = [], []
        for inputs, _labels in batches.in_order():
            pictures.append(augment(inputs["x"], amounts, generator))
            answers.append(teacher(x=pictures[-1].contiguous(memory_format=torch.channels_last)))
        copies.append(batches.with_inputs({"x": torch.cat(pictures), "teacher": torch.cat(answers)}))
    return copies


def loss(logits: torch.Tensor, teacher: torch.Tensor, labels: torch.Tensor, label_smoothing: float) -> torch.Tensor:
    """The mean loss of a batch: logits and the teacher's (N, L), labels (N,)."""
    soft = F.kl_div(
        F.log_softmax(logits / SOFTNESS, dim=1), F.log_softmax(teacher / SOFTNESS, dim=1), reduction="batchmean", log_target=True
    )
    hard = F.cross_entropy(logits, labels, label_smoothing=label_smoothing)
    return SHARE * SOFTNESS**2 * soft + (1 - SHARE) * hard
