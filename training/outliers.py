"""Outliers for picture models: pictures that show nothing of the task, from which familiarity learns to reject others.

An entry names its sets in `Entry.outliers`. Photos of Tiny ImageNet have 64x64 pixels, so degraded copies of photos of
the task are learned from as well; otherwise, familiarity would learn to reject blurred photos. Mosaics of four outliers
have more detail than one. Photos of PLACES are nearest to what is photographed on holidays, so the set
`tiny-imagenet-places` has more of them. The set `tiny-imagenet` lacks every fourth of the 200 classes, on which
familiarity was chosen at first; now it is chosen by leaving out classes of the task: `training/studies/left_out.py`.
The set `many-synthetic-pictures` has seven times as many generated pictures as the training split of
`synthetic-pictures`, for nets that were trained on the few photos of the task alone.
"""

import io
import sys
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import nn

from models.errors import ZooError
from models.nets.photo import PhotoClassifier
from models.processors.base import Processor
from training.batches import Batches
from training.data import synthetic_pictures, tiny_imagenet
from training.data.dataset import SPLITS, Sources
from training.data.examples import Examples
from training.data.prepare import prepare, processed

TINY, WITH_PLACES = "tiny-imagenet", "tiny-imagenet-places"
TINY_PHOTOS = 2_000  # from all classes
PLACE_PHOTOS = 1_700  # from PLACES, in addition
# Numbers of Tiny ImageNet's classes: barn, beacon, cliff dwelling, dam, flagpole, fountain, obelisk, steel arch bridge,
# suspension bridge, thatch, triumphal arch, viaduct, water tower, alp, cliff, lakeside, seashore.
PLACES = (66, 71, 91, 96, 101, 102, 124, 154, 157, 162, 165, 170, 173, 194, 195, 197, 198)
MOSAICS = 300
MANY_SYNTHETIC = "many-synthetic-pictures"
SYNTHETIC_PICTURES = 2_800
SMALLEST, LARGEST = 56, 100  # pixels, the side of a degraded photo before it is enlarged again


@dataclass(frozen=True)
class Exposure:
    """What a familiarity is learned from: pictures `x`, or their `features` and `layers` if the trunk is frozen.

    train: of the task. degraded: copies of some of them. validation: of the task, by data set. outliers: of nothing in
    the task.
    """

    train: Examples
    degraded: Examples
    validation: dict[str, Examples]
    outliers: Examples

    def through(self, net: PhotoClassifier, device: str) -> "Exposure":
        """With the features and the statistics of the layers of `net` in place of the pictures."""
        train, degraded, outliers = (
            described(net, each, device) for each in (self.train, self.degraded, self.outliers)
        )
        validation = {name: described(net, examples, device) for name, examples in self.validation.items()}
        return Exposure(train, degraded, validation, outliers)


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
            parts += _outliers(name, processor, sources, random)
        except ZooError as error:
            print(f"Familiarity is fitted without {name}. {error}", file=sys.stderr, flush=True)
    if not parts:
        return None
    copies = train.take(np.arange(0, len(train), 2))
    degraded = Examples({"x": np.stack([degrade(picture, random) for picture in copies.inputs["x"]])}, copies.labels)
    return Exposure(train, degraded, validation, Examples.join(parts))


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


def _outliers(name: str, processor: Processor, sources: Sources, random: np.random.Generator) -> list[Examples]:
    """The outliers of a set, in parts. Raises ZooError if it is not on this machine."""
    if name in (TINY, WITH_PLACES):
        return _tiny(name, processor, sources, random)
    if name == MANY_SYNTHETIC:
        made = synthetic_pictures.pictures(SYNTHETIC_PICTURES, SPLITS.index("train"))
        return [_processed(made, processor)]
    return [prepare(name, "train", processor, (), sources)]


def _tiny(name: str, processor: Processor, sources: Sources, random: np.random.Generator) -> list[Examples]:
    """Photos of Tiny ImageNet, or of three quarters of its classes, and mosaics of four photos."""
    photos = tiny_imagenet.photos(sources.folder, "train", TINY_PHOTOS)
    parts = [photos]
    if name == WITH_PLACES:
        parts.append(tiny_imagenet.photos(sources.folder, "train", PLACE_PHOTOS, PLACES))
    else:
        parts = [photos := photos.take(photos.labels % 4 != 1)]
    fours = photos.inputs["x"][random.integers(len(photos), size=(MOSAICS, 4))]  # (MOSAICS, 4, 3, 64, 64)
    rows = [np.concatenate([fours[:, first], fours[:, first + 1]], axis=3) for first in (0, 2)]
    mosaics = Examples({"x": np.concatenate(rows, axis=2)}, np.full(MOSAICS, -1, np.int64))
    return [_processed(_images(part), processor) for part in (*parts, mosaics) if len(part)]


def _images(pictures: Examples) -> list[np.ndarray]:
    """Pictures, uint8 (N, 3, H, W), as N arrays (H, W, 3)."""
    return [np.ascontiguousarray(picture.transpose(1, 2, 0)) for picture in pictures.inputs["x"]]


def _processed(images: list[np.ndarray], processor: Processor) -> Examples:
    """Pictures, uint8 (H, W, 3) each, as inputs of the net, with the label -1; blank ones are left out."""
    x = np.concatenate([chunk["x"] for _, chunk in processed(images, processor)])
    return Examples({"x": x}, np.full(len(x), -1, np.int64))
