"""Frozen trunks: features are computed once and cached, and only the head is trained.

They are cached in ZOO_HOME/cache; those of a user's own examples in the folder of the run, which is removed with the
model.
"""

import hashlib
import io
import sys
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import torch
from torch import nn

from models.errors import ZooError
from models.nets.classifier import Classifier
from models.nets.photo import Head, PhotoClassifier
from models.paths import data_home, write_atomically
from training.batches import Batches
from training.data.examples import Examples
from training.float16 import round_large

BATCH = 32  # images per pass of the trunk


class Frozen:
    """A net whose trunk is not trained.

    Its large weights are rounded to float16 first, so that the head is trained on the features it will be served with.
    folder: for the cache (default: ZOO_HOME/cache). seconds: the time spent computing features, including that of
    features read from the cache. Raises ZooError for nets other than a trunk with a linear head.
    """

    def __init__(self, net: nn.Module, device: str, folder: Path | None = None):
        if not isinstance(net, Classifier | PhotoClassifier):
            raise ZooError(
                "This net is more than a trunk and a linear head, so its trunk cannot be frozen; train it whole."
            )
        round_large(net)
        self.net = net.to(device, memory_format=torch.channels_last).eval()
        self.device = torch.device(device)
        self.folder = folder or data_home() / "cache"
        self.seconds = 0.0
        self.used: set[Path] = set()

    def through(self, examples: Examples) -> Examples:
        """The examples as inputs of the head: `x` holds the trunk's features, float32 (N, C)."""
        path = self.folder / f"features-{self._key(examples)}.npz"
        self.used.add(path)
        try:
            with np.load(path, allow_pickle=False) as file:
                features, seconds = file["features"], float(file["seconds"])
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):  # missing or damaged
            started = time.perf_counter()
            features = self._features(examples)
            seconds = time.perf_counter() - started
            content = io.BytesIO()
            np.savez(content, features=features, seconds=seconds)
            with suppress(ZooError):  # on a full disk; the next run just computes them again
                write_atomically(path, content.getvalue())
        self.seconds += seconds
        return Examples({"x": features}, examples.labels, examples.refused)

    def remove_unused(self) -> None:
        """Remove features in the folder that were not asked for, such as those of examples that have changed."""
        for path in self.folder.glob("features-*.npz"):
            if path not in self.used:
                path.unlink(missing_ok=True)

    def with_head(self, trained: Head) -> nn.Module:
        """The whole net with the trained head."""
        self.net.head.load_state_dict(trained.head.state_dict())
        return self.net

    @torch.no_grad()
    def _features(self, examples: Examples) -> np.ndarray:
        print(f"Computing the trunk's features of {len(examples):,} images, once ...", file=sys.stderr, flush=True)
        batches = Batches(examples, self.device).in_order(BATCH)
        return np.concatenate([self.net(**inputs)[1].float().cpu().numpy() for inputs, _ in batches])

    def _key(self, examples: Examples) -> str:
        """A hash of the trunk's structure and weights, the net's use of mirror images, and the images."""
        mirrored = isinstance(self.net, PhotoClassifier) and self.net.mirrored
        digest = hashlib.sha256(f"{mirrored} {self.net.trunk}".encode())
        for tensor in self.net.trunk.state_dict().values():
            digest.update(tensor.cpu().numpy().tobytes())
        digest.update(np.ascontiguousarray(examples.inputs["x"]).tobytes())
        return digest.hexdigest()[:16]
