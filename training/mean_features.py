"""The mean features of photos of all sorts, to which the familiarity of a user's own photos is relative.

A frozen trunk gives any two photos features with a large cosine, because some channels are active in every photo. What
a few own photos have in common beyond that shows only relative to the mean over other photos. The mean is a file in
models/backbones, because users do not have those photos.
"""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save
from torch.nn import functional as F

from models import catalog
from models.paths import write_atomically
from training.backbone import FOLDER
from training.data.dataset import DEFAULT, Sources
from training.data.examples import Examples
from training.data.prepare import processed
from training.data.tiny_imagenet import photos
from training.device import device_of
from training.frozen import Frozen
from training.initialise import new_net

NAME = "efficientnet-lite0-mean"
SLUG, START = "holidays-efficientnet", "package/efficientnet-lite0"
KINDS = range(0, 200, 2)  # of Tiny ImageNet; benchmarks/small_sets.py measures on the others
EACH = 6  # photos of each kind
LIMIT = 12_000  # photos to choose from, 60 of each kind


def make_mean_features(*, device: str | None = None, sources: Sources = DEFAULT) -> Path:
    """Compute the mean and write models/backbones/<NAME>.safetensors; returns the path. Raises ZooError."""
    entry = catalog.entry(SLUG)
    processor = entry.processor()
    tiny = photos(sources.folder, "train", LIMIT)
    rows = np.concatenate([np.flatnonzero(tiny.labels == kind)[:EACH] for kind in KINDS])
    pictures = [x.transpose(1, 2, 0) for x in tiny.inputs["x"][rows]]
    net = new_net(entry, entry.recipe, {"classes": 1, **processor.sizes()}, 0, processor)
    frozen = Frozen(net, device_of(device))
    total = torch.zeros(net.trunk.width)
    for found, arrays in processed(pictures, processor):
        features = frozen.through(Examples(arrays, np.zeros(len(found), np.int64))).inputs["x"]
        total += F.normalize(torch.from_numpy(features), dim=1).sum(dim=0)
    path = FOLDER / f"{NAME}.safetensors"
    write_atomically(path, save({"mean": total / len(rows)}))
    return path


def mean_features(start_from: str | None) -> torch.Tensor | None:
    """The mean of unit features of the frozen trunk `start_from`, (D,); None for trunks without such a file."""
    path = FOLDER / f"{NAME}.safetensors"
    return load_file(path)["mean"] if start_from == START and path.is_file() else None
