"""Data sets in torchvision's layout, `<root>/MNIST/raw/*.gz`, from the data folder or downloaded by torchvision."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.errors import ZooError
from models.paths import data_home
from training.data.dataset import Raw, Sources, hold_out, sha256_of
from training.data.idx import read_idx

VALIDATION = 5_000  # of the 60,000 training examples, drawn with seed 0
STEMS = {"train": "train", "validation": "train", "test": "t10k"}


@dataclass(frozen=True)
class Layout:
    """One such data set: its folder (the name of torchvision's class), its classes, and the SHA-256 of its files."""

    folder: str
    classes: tuple[str, ...]
    sha256: dict[str, str]

    def read(self, split: str, sources: Sources) -> Raw:
        """The raw images of a split, uint8 (N, 28, 28), and their labels."""
        folder = self._folder(sources)
        paths = [folder / f"{STEMS[split]}-{kind}-ubyte.gz" for kind in ("images-idx3", "labels-idx1")]
        for path in paths:
            if sha256_of(path) != self.sha256[path.name]:
                raise ZooError(
                    f"{path} is not the published file (its SHA-256 differs); delete it and download it again."
                )
        images, labels = (read_idx(path) for path in paths)
        if split != "test":
            train, held_out = hold_out(len(labels), VALIDATION)
            rows = train if split == "train" else held_out
            images, labels = images[rows], labels[rows]
        return Raw(images, labels.astype(np.int64), self.classes, sha256_of(*paths))

    def _folder(self, sources: Sources) -> Path:
        roots = [path for path in (sources.folder, data_home() / "data") if path]
        for path in roots:
            if all((path / self.folder / "raw" / name).exists() for name in self.sha256):
                return path / self.folder / "raw"
        self._download(sources)
        return data_home() / "data" / self.folder / "raw"

    def _download(self, sources: Sources) -> None:
        if not sources.download:
            raise ZooError(self._missing())
        try:
            from torchvision import datasets
        except ImportError as error:
            raise ZooError(
                f"{self.folder} is not on this machine. Either install the packages that download it (make "
                "train-tools, or pip install -r requirements-train.txt), or set --data or ZOO_DATA to a folder that "
                f"contains {self.folder}/raw."
            ) from error
        try:
            getattr(datasets, self.folder)(
                root=data_home() / "data", download=True
            )  # torchvision checks the MD5 of each file
        except (OSError, RuntimeError) as error:
            raise ZooError(self._missing()) from error

    def _missing(self) -> str:
        return (
            f"{self.folder} is not on this machine and could not be downloaded. Either connect to the network and "
            f"try again, or put the four .gz files into DATA/{self.folder}/raw and set --data or ZOO_DATA to DATA."
        )
