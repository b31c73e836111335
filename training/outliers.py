"""Outliers for picture models: pictures that show nothing of the task, from which familiarity learns to reject others.

An entry names its sets in `Entry.outliers`. Photos of Tiny ImageNet have 64x64 pixels, so degraded copies of photos of
the task are learned from as well; otherwise, familiarity would learn to reject blurred photos. Mosaics of four outliers
have more detail than one. Of Tiny ImageNet's 200 classes, every fourth is left out here; photos of these classes are
for choosing how familiarity is learned (`held_out`).
"""

import io
import sys
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

from models.errors import ZooError
from models.nets.learned_familiarity import LearnedFamiliarity
from models.nets.photo import PhotoClassifier
from models.processors.base import Processor
from training.batches import Batches
from training.data import tiny_imagenet
from training.data.dataset import Sources
from training.data.examples import Examples
from training.data.prepare import prepare, processed

TINY = "tiny-imagenet"
TINY_PHOTOS = 2_000  # from all classes
MOSAICS = 300
SMALLEST, LARGEST = 56, 100  # pixels, the side of a degraded photo before it is enlarged again
DIRECTIONS = 160  # of the features, in which distances from the classes are measured
SHRINKAGE = 0.1  # of the covariance within the classes towards a multiple of the identity
HIDDEN, MEMBERS = 32, 2  # hidden units of a network, and the number of networks whose log-odds are averaged
# Of the log-odds in the soft minimum. Outliers are many deviations away. At full weight, the log-odds also reject
# blurred photos of the task, and the threshold lets more other places pass the distance.
ODDS_DIVISOR = 2.0
EPOCHS, BATCH, LR, WEIGHT_DECAY, DROPOUT, NOISE = 20, 128, 2e-3, 0.01, 0.3, 0.1


@dataclass(frozen=True)
class Exposure:
    """What a familiarity is learned from: pictures `x`, or their `features` and `layers` if the trunk is frozen.

    train: of the task, followed by degraded copies. validation: of the task, by data set. outliers: of nothing in the
    task.
    """

    train: Examples
    validation: dict[str, Examples]
    outliers: Examples

    def through(self, net: PhotoClassifier, device: str) -> "Exposure":
        """With the features and the statistics of the layers of `net` in place of the pictures."""
        validation = {name: described(net, examples, device) for name, examples in self.validation.items()}
        return Exposure(described(net, self.train, device), validation, described(net, self.outliers, device))


def exposure(
    names: tuple[str, ...],
    train: Examples,
    validation: dict[str, Examples],
    processor: Processor,
    sources: Sources,
    seed: int,
) -> Exposure | None:
    """What to learn familiarity from, for the outlier sets `names` that are on this machine; None if none is.

    train, validation: pictures of the task.
    """
    random = np.random.default_rng(seed)
    parts = []
    for name in names:
        try:
            parts += (
                _tiny(processor, sources, random) if name == TINY else [prepare(name, "train", processor, (), sources)]
            )
        except ZooError as error:
            print(f"Familiarity is fitted without {name}. {error}", file=sys.stderr, flush=True)
    if not parts:
        return None
    copies = train.take(np.arange(0, len(train), 2))
    degraded = Examples({"x": np.stack([degrade(picture, random) for picture in copies.inputs["x"]])}, copies.labels)
    return Exposure(Examples.join([train, degraded]), validation, Examples.join(parts))


def held_out(processor: Processor, sources: Sources) -> Examples:
    """Photos of the classes of Tiny ImageNet that `exposure` leaves out, for choosing how familiarity is learned."""
    photos = tiny_imagenet.photos(sources.folder, "train", TINY_PHOTOS)
    return _processed(photos.take(photos.labels % 4 == 1), processor)


def degrade(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A picture, uint8 (3, S, S), reduced to SMALLEST to LARGEST pixels, compressed and enlarged again."""
    image = Image.fromarray(picture.transpose(1, 2, 0))
    side = int(random.integers(SMALLEST, LARGEST))
    file = io.BytesIO()
    image.resize((side, side), Image.Resampling.BICUBIC).save(file, "JPEG", quality=int(random.integers(60, 95)))
    enlarged = Image.open(file).resize(image.size, Image.Resampling.BICUBIC)
    return np.asarray(enlarged).transpose(2, 0, 1)


@torch.no_grad()
def described(net: nn.Module, examples: Examples, device: str) -> Examples:
    """The examples with `features` (N, D) and `layers` (N, W) of `net` in place of `x`, unless they have them."""
    if "layers" in examples.inputs:
        return examples
    net = net.to(device, memory_format=torch.channels_last).eval()
    features, layers = [], []
    for inputs, _ in Batches(examples, torch.device(device)).in_order(32):
        _, batch_features, _, batch_layers = net.with_layers(**inputs)
        features.append(batch_features.float().cpu().numpy())
        layers.append(batch_layers.float().cpu().numpy())
    return Examples({"features": np.concatenate(features), "layers": np.concatenate(layers)}, examples.labels)


def learn(
    net: nn.Module, exposed: Exposure, device: str, seed: int
) -> tuple[LearnedFamiliarity, dict[str, int], dict[str, np.ndarray]]:
    """Learn to tell the training pictures of the task from outliers.

    Returns the familiarity, the arguments it was built with, and the familiarity of the validation pictures by data
    set, which give the measures their scale. A net that was refitted has seen them, but the familiarity has not.
    """
    inside, outside = (described(net, examples, device) for examples in (exposed.train, exposed.outliers))
    validation = {name: described(net, examples, device) for name, examples in exposed.validation.items()}
    classes = np.unique(inside.labels)
    (features, layers), others = _tensors(inside), _tensors(outside)
    directions = min(DIRECTIONS, features.shape[1], len(features) // 2)
    arguments = {"features": features.shape[1], "layers": layers.shape[1], "directions": directions}
    arguments |= {"classes": len(classes), "hidden": HIDDEN * MEMBERS}
    familiarity = LearnedFamiliarity(**arguments)
    _fit_distance(familiarity, features, torch.from_numpy(inside.labels), others[0], classes)
    _fit_odds(familiarity, features, layers, *others, seed)
    measures = familiarity.measures(*_tensors(Examples.join(list(validation.values()))))
    familiarity.mean.copy_(measures.mean(dim=0))
    familiarity.deviation.copy_(measures.std(dim=0).clamp_min(1e-3))
    familiarity.deviation[1] *= ODDS_DIVISOR
    familiar = {name: familiarity(*_tensors(examples)).numpy() for name, examples in validation.items()}
    return familiarity.eval(), arguments, familiar


def _tensors(examples: Examples) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.from_numpy(examples.inputs["features"]), torch.from_numpy(examples.inputs["layers"])


def _fit_distance(
    familiarity: LearnedFamiliarity, features: torch.Tensor, labels: torch.Tensor, others: torch.Tensor, classes
) -> None:
    """Directions, covariance and class centres of the distance, in float64."""
    unit = F.normalize(features.double(), dim=1)
    both = torch.cat([unit, F.normalize(others.double(), dim=1)])
    origin = both.mean(dim=0)
    principal = torch.linalg.eigh((both - origin).T @ (both - origin)).eigenvectors
    axes = principal[:, -familiarity.whitening.shape[1] :]  # (D, directions)
    placed = (unit - origin) @ axes
    centres = torch.stack([placed[labels == label].mean(dim=0) for label in classes.tolist()])
    within = placed - centres[torch.from_numpy(np.searchsorted(classes, labels.numpy()))]
    covariance = within.T @ within / len(within)
    size = len(covariance)
    covariance = (1 - SHRINKAGE) * covariance + SHRINKAGE * covariance.trace() / size * torch.eye(size)
    values, vectors = torch.linalg.eigh(covariance)
    whitening = vectors / values.clamp_min(1e-12).sqrt()
    familiarity.origin.copy_(origin)
    familiarity.whitening.copy_(axes @ whitening)
    familiarity.centres.copy_(centres @ whitening)


def _fit_odds(
    familiarity: LearnedFamiliarity,
    features: torch.Tensor,
    layers: torch.Tensor,
    other_features: torch.Tensor,
    other_layers: torch.Tensor,
    seed: int,
) -> None:
    """Networks that tell pictures of the task from others, joined into one that averages their log-odds."""
    both = torch.cat([torch.cat([features, other_features]), torch.cat([layers, other_layers])], dim=1)
    familiarity.layers_mean.copy_(both.mean(dim=0))
    familiarity.layers_deviation.copy_(both.std(dim=0).clamp_min(1e-6))
    x = familiarity.standardised(both, both[:, :0])
    y = torch.cat([torch.ones(len(features)), torch.zeros(len(other_features))])
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


def _tiny(processor: Processor, sources: Sources, random: np.random.Generator) -> list[Examples]:
    """Photos of Tiny ImageNet without the held-out classes, and mosaics of four of them."""
    photos = tiny_imagenet.photos(sources.folder, "train", TINY_PHOTOS)
    photos = photos.take(photos.labels % 4 != 1)
    fours = photos.inputs["x"][random.integers(len(photos), size=(MOSAICS, 4))]  # (MOSAICS, 4, 3, 64, 64)
    rows = [np.concatenate([fours[:, first], fours[:, first + 1]], axis=3) for first in (0, 2)]
    mosaics = Examples({"x": np.concatenate(rows, axis=2)}, np.full(MOSAICS, -1, np.int64))
    return [_processed(photos, processor), _processed(mosaics, processor)]


def _processed(pictures: Examples, processor: Processor) -> Examples:
    """Pictures, uint8 (N, 3, H, W), as inputs of the net, with the label -1; blank ones are left out."""
    arrays = [np.ascontiguousarray(picture.transpose(1, 2, 0)) for picture in pictures.inputs["x"]]
    x = np.concatenate([chunk["x"] for _, chunk in processed(arrays, processor)])
    return Examples({"x": x}, np.full(len(x), -1, np.int64))
