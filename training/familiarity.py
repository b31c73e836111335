"""Fits `models.nets.familiarity.Familiarity` to the training examples of a trained net."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from models.nets.familiarity import Familiarity
from training.batches import Batches, outputs
from training.examples import Examples

BANK = 1_000  # training examples among which neighbours are looked for
CALIBRATION = 10_000  # training examples whose mean and deviation set the scale


def fit_familiarity(net: nn.Module, train: Examples, device: str, seed: int) -> tuple[Familiarity, dict[str, int]]:
    """The familiarity of `net`, fitted, on the CPU, and the arguments it was built with.

    The scale comes from training examples, not from validation, so that it means the same before and after a refit.
    """
    rows = np.random.default_rng(seed).permutation(len(train))
    bank, rest = np.sort(rows[:BANK]), np.sort(rows[BANK : BANK + CALIBRATION])
    _, features = outputs(net, Batches(train.take(bank), torch.device(device)))
    arguments = {"features": features.shape[1], "size": len(bank), "neighbours": min(10, len(bank))}
    familiarity = Familiarity(**arguments)
    familiarity.bank.copy_(F.normalize(features, dim=1))
    logits, features = outputs(net, Batches(train.take(rest if len(rest) else bank), torch.device(device)))
    measures = familiarity.measures(logits, features)
    familiarity.mean.copy_(measures.mean(dim=0))
    familiarity.deviation.copy_(measures.std(dim=0).clamp_min(1e-6))
    return familiarity.eval(), arguments
