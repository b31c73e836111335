"""Trains the detector of other ink, `models.nets.familiarity.Detector`, on a task's characters and on outliers."""

import numpy as np
import torch
from torch.nn import functional as F

from models.entry import Augment
from models.nets.familiarity import Detector
from training.augment import augment
from training.data.examples import Examples

STEPS = 1_500
BATCH = 128  # characters, and as many outliers
LR = 4e-3  # peak of the one-cycle schedule
DECAY = 0.998  # of the moving average of the weights
# For characters and outliers alike, so that neither can be recognised by its pen or its slant.
CHANGES = Augment(rotate=10, scale=0.12, shear=0.2, shift=1, elastic=0.8, thickness=0.5)


def fit_detector(train: Examples, outliers: dict[str, Examples], seed: int) -> Detector:
    """The detector that separates the characters of `train` from the outliers; trained on the CPU.

    outliers: data set -> ink that is not of the task; each set is drawn from equally often.
    """
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    characters = torch.from_numpy(train.inputs["x"])
    others = [torch.from_numpy(examples.inputs["x"]) for examples in outliers.values()]
    net = Detector(characters.shape[-1])
    averaged = torch.optim.swa_utils.AveragedModel(net, avg_fn=_average)
    optimizer = torch.optim.AdamW(net.parameters(), lr=LR, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LR, total_steps=STEPS)
    counts = [len(part) for part in np.array_split(np.arange(BATCH), len(others))]
    target = torch.cat((torch.ones(BATCH), torch.zeros(BATCH)))
    for _ in range(STEPS):
        drawn = [_drawn(characters, BATCH, random), *map(lambda o, n: _drawn(o, n, random), others, counts)]
        x = augment(torch.cat(drawn), CHANGES, random).clamp(0, 1)
        loss = F.binary_cross_entropy_with_logits(net(x), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        averaged.update_parameters(net)
    return averaged.module.requires_grad_(False).eval()


def _drawn(x: torch.Tensor, count: int, random: torch.Generator) -> torch.Tensor:
    return x[torch.randint(len(x), (count,), generator=random)]


def _average(mean: torch.Tensor, new: torch.Tensor, updates: torch.Tensor | int) -> torch.Tensor:
    decay = min(DECAY, (1 + int(updates)) / (10 + int(updates)))
    return mean * decay + new * (1 - decay)
