"""`python -m training study regularisation`: what keeps a net from memorising 2,000 digits.

The net of `mnist-mlp` is trained on few digits in several ways (`models/lessons/regularisation.py`), with three seeds
each; for each seed, all variants learn from the same digits. All losses are measured on validation digits; the test set
is not used. The hub's lesson "What keeps a net from memorising" shows the results.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from models import catalog, paths
from models.lessons.regularisation import RESULTS, VARIANTS, Results, Runs, Spread, Variant
from training.data.dataset import DEFAULT, Sources
from training.data.prepare import prepare
from training.studies.learning_curve import over_seeds

NAME, DATASET = "regularisation", "mnist"
EXAMPLES, VALIDATION = 2_000, 5_000
SEEDS = (0, 1, 2)
EPOCHS = 60
BATCH = 50
RATE, MOMENTUM, ADAM_RATE = 0.02, 0.9, 1e-3
WIDTHS = (784, 512, 256, 128, 64)
DIGITS = 4  # decimal places of the stored figures

Data = tuple[torch.Tensor, torch.Tensor]  # pixels (N, 784), 0 to 1, and labels (N,)


class Curves(NamedTuple):
    """Of one run, after each epoch: losses on the training digits and on validation digits, and accuracy on these."""

    train: list[float]
    validation: list[float]
    accuracy: list[float]


def study(report: Callable[[str], None], sources: Sources = DEFAULT) -> Results:
    """Train all variants and write the results, which are returned. report: receives a line for each run."""
    train, validation = (_data(split, sources) for split in ("train", "validation"))
    validation = _drawn(validation, VALIDATION, seed=0)
    runs: dict[str, Runs] = {}
    ends: dict[str, np.ndarray] = {}  # accuracies by seed
    for variant in VARIANTS:
        curves = []
        for seed in SEEDS:
            curves.append(_train(variant, _drawn(train, EXAMPLES, seed), validation, seed))
            loss, others, right = (values[variant.epoch(curves[-1].validation)] for values in curves[-1])
            report(f"{variant.slug}, seed {seed}: loss {loss:.4f}, {others:.4f} on other digits, {right:.1%} right")
        ends[variant.slug] = np.array([each.accuracy[variant.epoch(each.validation)] for each in curves])
        gains = ends[variant.slug] - ends[variant.reference] if variant.reference else None
        runs[variant.slug] = Runs(
            **dict(zip(Curves._fields, map(list, zip(*curves, strict=True)), strict=True)),
            at_end=_spread(ends[variant.slug]),
            gain=None if gains is None else _spread(gains),
        )
    results = Results(examples=EXAMPLES, validation=len(validation[1]), seeds=list(SEEDS), epochs=EPOCHS, runs=runs)
    paths.write_atomically(RESULTS, results.model_dump_json() + "\n")
    return results


def _data(split: str, sources: Sources) -> Data:
    task = catalog.task("digits")
    examples = prepare(DATASET, split, catalog.entry("mnist-mlp").processor(), task.labels, sources)
    return torch.from_numpy(examples.inputs["x"]).flatten(1), torch.from_numpy(examples.labels)


def _drawn(data: Data, count: int, seed: int) -> Data:
    rows = torch.from_numpy(np.random.default_rng(seed).permutation(len(data[1]))[:count])
    return data[0][rows], data[1][rows]


def _net(variant: Variant) -> nn.Sequential:
    """The net of mnist-mlp, with what the variant adds to each hidden layer."""
    layers: list[nn.Module] = []
    for width, following in pairwise(WIDTHS):
        layers.append(nn.Linear(width, following))
        if variant.batch_norm:
            layers.append(nn.BatchNorm1d(following))
        layers.append(nn.ReLU())
        if variant.dropout:
            layers.append(nn.Dropout(variant.dropout))
    return nn.Sequential(*layers, nn.Linear(WIDTHS[-1], 10))


def _train(variant: Variant, train: Data, validation: Data, seed: int) -> Curves:
    torch.manual_seed(seed)
    net = _net(variant)
    if variant.normalise:
        mean, deviation = train[0].mean(), train[0].std()
        train, validation = (((x - mean) / deviation, y) for x, y in (train, validation))
    if variant.adam:
        optimizer = torch.optim.AdamW(net.parameters(), lr=ADAM_RATE, weight_decay=variant.decay)
    else:
        optimizer = torch.optim.SGD(net.parameters(), lr=RATE, momentum=MOMENTUM, weight_decay=variant.decay)
    curves = Curves([], [], [])
    for _ in range(EPOCHS):
        net.train()
        for rows in torch.randperm(len(train[1])).split(BATCH):
            optimizer.zero_grad()
            cross_entropy(net(train[0][rows]), train[1][rows]).backward()
            optimizer.step()
        curves.train.append(_measured(net, train)[0])
        loss, accuracy = _measured(net, validation)
        curves.validation.append(loss)
        curves.accuracy.append(accuracy)
        if variant.patience and len(curves.validation) > variant.epoch(curves.validation) + variant.patience:
            break
    return curves


def _spread(values: np.ndarray) -> Spread:
    curve = over_seeds(values[None])
    return Spread(**{name: round(ends[0], DIGITS) for name, ends in curve.model_dump().items()})


@torch.no_grad()
def _measured(net: nn.Module, data: Data) -> tuple[float, float]:
    """The mean loss in nats, and the accuracy."""
    net.eval()
    logits = net(data[0])
    right = (logits.argmax(dim=1) == data[1]).float().mean()
    return round(float(cross_entropy(logits, data[1])), DIGITS), round(float(right), DIGITS)
