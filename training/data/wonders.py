"""wonders: holiday photos of seven places, and photos of none of them, in DATA/wonders/{train,test,none}.

About a share of VALIDATION of each class's training photos is held out as the validation split, with seed 0 and in
whole groups of near duplicates (`_groups`). The copy used here has no near duplicates; other copies may.
"""

from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from models.errors import ZooError
from models.inputs import picture
from models.paths import data_home
from models.tasks.holidays import TASK
from training.data.dataset import Dataset, Raw, Sources, sha256_of
from training.data.near_duplicates import PLACE, linked, thumbnail

VALIDATION = 0.15  # share of the photos of a class
ADDRESS = "https://www.kaggle.com/datasets/balabaskar/wonders-of-the-world-image-classification"
OTHER = "https://github.com/Hoodiinii/7-Wonders-Of-The-World-Recognition-System"
LICENCE = "none stated; the rights stay with the photographers"
SUFFIXES = {".jpg", ".jpeg", ".jfif", ".jpe", ".png", ".webp", ".heic", ".heif", ".avif"}


def read_wonders(split: str, sources: Sources) -> Raw:
    """The photos of a split as paths, ordered by class and file name."""
    folder = _find(sources)
    files = _files(folder / ("test" if split == "test" else "train"))
    labels = np.array([TASK.labels.index(path.parent.name) for path in files], np.int64)
    sha256 = sha256_of(*files)
    if split != "test":
        held_out = _held_out(tuple(files))
        chosen = np.flatnonzero(held_out if split == "validation" else ~held_out)
        files, labels = [files[i] for i in chosen], labels[chosen]
    return Raw(files, labels, TASK.labels, sha256)


def read_none(split: str, sources: Sources) -> Raw:
    """The photos that show none of the seven."""
    files = _images(_find(sources) / "none")
    return Raw(files, None, (), sha256_of(*files))


def _find(sources: Sources) -> Path:
    for path in (sources.folder, data_home() / "data"):
        if path and (path / "wonders" / "train").is_dir():
            return path / "wonders"
    raise ZooError(
        "The data set wonders is not on this machine, and it cannot be downloaded as a whole. Put photos into "
        "DATA/wonders/train/<place>/ and DATA/wonders/test/<place>/ "
        f"(places: {', '.join(TASK.labels)}; photos: {ADDRESS}, {OTHER}), photos of none of them into "
        "DATA/wonders/none/, and set --data or ZOO_DATA to DATA."
    )


def _files(folder: Path) -> list[Path]:
    files = [path for label in TASK.labels for path in _images(folder / label)]
    if not files:
        raise ZooError(f"There are no photos in {folder}/<place>/; the places are {', '.join(TASK.labels)}.")
    return files


def _images(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.suffix.lower() in SUFFIXES) if folder.is_dir() else []


@cache
def _held_out(files: tuple[Path, ...]) -> np.ndarray:
    """Which photos are for validation, bool (N,): whole groups of each class, drawn with seed 0."""
    groups = _groups(files)
    random = np.random.default_rng(0)
    classes = np.array([path.parent.name for path in files])
    held_out = np.zeros(len(files), bool)
    for label in np.unique(classes):
        members = classes == label
        for group in random.permutation(np.unique(groups[members])):
            whole = members & (groups == group)
            if held_out[members].sum() + whole.sum() <= VALIDATION * members.sum():
                held_out |= whole
    return held_out


def _groups(files: tuple[Path, ...]) -> np.ndarray:
    """The group of each photo, int (N,); near duplicates of a class (also mirrored) and chains of them share a group.

    Groups are numbered in the order of their first photo, because the held-out groups are drawn by number.
    """
    classes = np.array([path.parent.name for path in files])
    thumbnails = np.stack([thumbnail(Image.fromarray(picture.read(path).rgb)) for path in files])
    groups = np.arange(len(files))
    for label in np.unique(classes):
        rows = np.flatnonzero(classes == label)
        groups[rows] = rows[0] + len(files) * (1 + linked(thumbnails[rows], np.arange(len(rows)), PLACE, mirror=True))
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[group]


DATASETS = (
    Dataset(
        "wonders",
        "Holiday photos of the seven new wonders of the world",
        f"{ADDRESS}, {OTHER}",
        LICENCE,
        read_wonders,
        downloads=False,
    ),
    Dataset(
        "wonders-none",
        "Photos of none of the seven wonders",
        f"{ADDRESS}, https://github.com/EliSchwartz/imagenet-sample-images",
        f"{LICENCE}; ImageNet's terms are non-commercial research use",
        read_none,
        splits=("test",),
    ),
)
