"""Learns the familiarity of pictures from outliers (`training.outliers`).

A net with a frozen trunk gets a `BankFamiliarity`, any other a `LearnedFamiliarity`.
"""

import numpy as np
import torch
from sklearn.cluster import MiniBatchKMeans
from torch import nn
from torch.nn import functional as F

from models.nets.bank_familiarity import BankFamiliarity
from models.nets.learned_familiarity import LearnedFamiliarity
from training.data.examples import Examples
from training.outliers import Exposure

DIRECTIONS = 160  # of the features, in which distances from the classes are measured
SHRINKAGE = 0.1  # of the covariance within the classes towards a multiple of the identity
HIDDEN, MEMBERS = 32, 2  # hidden units of a network, and the number of networks whose log-odds are averaged
# Of the log-odds in the soft minimum. Below 1, photos of other kinds and drawings are refused much more often, and
# hardly more blurred photos of the task.
ODDS_DIVISOR = 0.7
EPOCHS, BATCH, LR, WEIGHT_DECAY, DROPOUT, NOISE = 20, 128, 2e-3, 0.01, 0.3, 0.1
CENTRES = 40  # of a bank, for each class
RIDGE = 1e-4  # of the linear scores
LAYERS_NORM = 1.0  # of the statistics of a typical picture; the features' norm is 1

Described = tuple[torch.Tensor, torch.Tensor]  # features (N, D) and statistics (N, W)


def learn(
    net: nn.Module, exposed: Exposure, device: str, seed: int, is_frozen: bool
) -> tuple[LearnedFamiliarity | BankFamiliarity, dict[str, int], dict[str, np.ndarray]]:
    """Learn to tell the training pictures of the task from outliers.

    is_frozen: whether the trunk of `net` was not trained on the pictures. Returns the familiarity, the arguments it was
    built with, and the familiarity of the validation pictures by data set. These pictures give the measures their
    scale; a refitted net has seen them, but the familiarity has not.
    """
    exposed = exposed.through(net, device)
    inside = Examples.join([exposed.train, exposed.degraded])
    tensors, others = _tensors(inside), _tensors(exposed.outliers)
    classes, labels = np.unique(inside.labels, return_inverse=True)
    fit = _bank_familiarity if is_frozen else _distance_and_odds
    familiarity, arguments = fit(tensors, torch.from_numpy(labels), others, len(classes), seed)
    measures = familiarity.measures(*_tensors(Examples.join(list(exposed.validation.values()))))
    familiarity.mean.copy_(measures.mean(dim=0))
    familiarity.deviation.copy_(measures.std(dim=0).clamp_min(1e-3))
    if not is_frozen:
        familiarity.deviation[1] *= ODDS_DIVISOR
    familiar = {name: familiarity(*_tensors(examples)).numpy() for name, examples in exposed.validation.items()}
    return familiarity.eval(), arguments, familiar


def _tensors(examples: Examples) -> Described:
    return torch.from_numpy(examples.inputs["features"]), torch.from_numpy(examples.inputs["layers"])


def _bank_familiarity(
    inside: Described, labels: torch.Tensor, outside: Described, classes: int, seed: int
) -> tuple[BankFamiliarity, dict[str, int]]:
    bank = _bank(inside[0], labels.numpy(), seed)
    sizes = {"features": inside[0].shape[1], "layers": inside[1].shape[1], "centres": len(bank), "classes": classes}
    familiarity = BankFamiliarity(**sizes)
    familiarity.bank.copy_(bank)
    _fit_scores(familiarity, inside, labels, outside)
    return familiarity, sizes


def _distance_and_odds(
    inside: Described, labels: torch.Tensor, outside: Described, classes: int, seed: int
) -> tuple[LearnedFamiliarity, dict[str, int]]:
    features = inside[0]
    directions = min(DIRECTIONS, features.shape[1], len(features) // 2)
    arguments = {"features": features.shape[1], "layers": inside[1].shape[1], "directions": directions}
    arguments |= {"classes": classes, "hidden": HIDDEN * MEMBERS}
    familiarity = LearnedFamiliarity(**arguments)
    _fit_distance(familiarity, features, labels, outside[0])
    _fit_odds(familiarity, inside, outside, seed)
    return familiarity, arguments


def _bank(features: torch.Tensor, labels: np.ndarray, seed: int) -> torch.Tensor:
    """Unit k-means centres of the features (N, D), CENTRES of each class or all its photos, (C, D)."""
    unit = F.normalize(features, dim=1).numpy()
    centres = []
    for label in np.unique(labels):
        members = unit[labels == label]
        if len(members) > CENTRES:
            means = MiniBatchKMeans(CENTRES, batch_size=2048, max_iter=30, n_init=1, random_state=seed)
            members = means.fit(members).cluster_centers_
        centres.append(members)
    return F.normalize(torch.from_numpy(np.concatenate(centres)), dim=1)


def _fit_scores(familiarity: BankFamiliarity, inside: Described, labels: torch.Tensor, outside: Described) -> None:
    """Ridge regression of each label's indicator, in float64; pictures of the task and outliers weigh the same.

    labels: of `inside`, (N,).
    """
    (features, layers), count = inside, len(labels)
    familiarity.layers_mean.copy_(layers.mean(dim=0))
    familiarity.layers_deviation.copy_(layers.std(dim=0).clamp_min(1e-6))
    width, scale = features.shape[1], layers.shape[1] ** 0.5 / LAYERS_NORM
    x = familiarity.described(torch.cat([features, outside[0]]), torch.cat([layers, outside[1]])).double()
    x[:, width:] /= scale
    y = torch.zeros(len(x), familiarity.weight.shape[0], dtype=torch.float64)
    y[torch.arange(count), labels] = 1
    weight = torch.where(torch.arange(len(x)) < count, 0.5 / count, 0.5 / max(1, len(x) - count)).double()[:, None]
    x_mean, y_mean = (x * weight).sum(dim=0), (y * weight).sum(dim=0)
    x -= x_mean
    gram = x.T @ (x * weight) + RIDGE * torch.eye(x.shape[1], dtype=torch.float64)
    weights = torch.linalg.solve(gram, x.T @ ((y - y_mean) * weight))  # (D + W, classes)
    familiarity.bias.copy_(y_mean - x_mean @ weights)
    weights[width:] /= scale
    familiarity.weight.copy_(weights.T)


def _fit_distance(
    familiarity: LearnedFamiliarity, features: torch.Tensor, labels: torch.Tensor, others: torch.Tensor
) -> None:
    """Directions, covariance and class centres of the distance, in float64."""
    unit = F.normalize(features.double(), dim=1)
    both = torch.cat([unit, F.normalize(others.double(), dim=1)])
    origin = both.mean(dim=0)
    principal = torch.linalg.eigh((both - origin).T @ (both - origin)).eigenvectors
    axes = principal[:, -familiarity.whitening.shape[1] :]  # (D, directions)
    placed = (unit - origin) @ axes
    centres = torch.stack([placed[labels == label].mean(dim=0) for label in labels.unique()])
    within = placed - centres[labels]
    covariance = within.T @ within / len(within)
    size = len(covariance)
    covariance = (1 - SHRINKAGE) * covariance + SHRINKAGE * covariance.trace() / size * torch.eye(size)
    values, vectors = torch.linalg.eigh(covariance)
    whitening = vectors / values.clamp_min(1e-12).sqrt()
    familiarity.origin.copy_(origin)
    familiarity.whitening.copy_(axes @ whitening)
    familiarity.centres.copy_(centres @ whitening)


def _fit_odds(familiarity: LearnedFamiliarity, inside: Described, outside: Described, seed: int) -> None:
    """Networks that tell pictures of the task from others, joined into one that averages their log-odds."""
    both = torch.cat([torch.cat(inside, dim=1), torch.cat(outside, dim=1)])
    familiarity.layers_mean.copy_(both.mean(dim=0))
    familiarity.layers_deviation.copy_(both.std(dim=0).clamp_min(1e-6))
    x = familiarity.standardised(both, both[:, :0])
    y = torch.cat([torch.ones(len(inside[0])), torch.zeros(len(outside[0]))])
    members = [_member(x, y, seed * MEMBERS + number) for number in range(MEMBERS)]
    with torch.no_grad():
        familiarity.first.copy_(torch.cat([first.weight for first, _ in members]))
        familiarity.first_bias.copy_(torch.cat([first.bias for first, _ in members]))
        familiarity.second.copy_(torch.cat([second.weight[0] for _, second in members]) / MEMBERS)
        familiarity.second_bias.copy_(torch.stack([second.bias[0] for _, second in members]).mean())


def _member(x: torch.Tensor, y: torch.Tensor, seed: int) -> tuple[nn.Linear, nn.Linear]:
    """A network of one hidden layer that tells the rows x (N, W) with y = 1 from the others; both weigh the same."""
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        first, second = nn.Linear(x.shape[1], HIDDEN), nn.Linear(HIDDEN, 1)
        parameters = [*first.parameters(), *second.parameters()]
        optimizer = torch.optim.AdamW(parameters, lr=LR, weight_decay=WEIGHT_DECAY)
        steps = max(1, len(x) // BATCH)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LR, total_steps=EPOCHS * steps)
        weight = torch.where(y > 0, (1 - y.mean()) / y.mean(), 1.0)
        for _ in range(EPOCHS):
            for rows in torch.randperm(len(x), generator=generator)[: steps * BATCH].split(BATCH):
                batch = x[rows] + NOISE * torch.randn(len(rows), x.shape[1], generator=generator)
                hidden = F.dropout(first(F.dropout(batch, DROPOUT)).relu(), DROPOUT)
                loss = F.binary_cross_entropy_with_logits(second(hidden)[:, 0], y[rows], weight[rows])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
    return first, second
