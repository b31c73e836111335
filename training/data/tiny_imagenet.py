"""Tiny ImageNet: photos of 64x64 pixels in 200 classes, used only to pre-train a photo trunk.

It is not a data set of a task. DATA/tiny-imagenet may have two layouts: the publisher's archive, unpacked
(train/<wnid>/images/*.JPEG, val/images/*.JPEG with val_annotations.txt), or a subset as npz files, train-*.npz and
val.npz, with image files in the arrays `bytes`, `offsets` and `labels`.
"""

import io
from collections.abc import Container, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from models.errors import ZooError
from training.data.examples import Examples

ADDRESS = "http://cs231n.stanford.edu/tiny-imagenet-200.zip"
SIDE = 64


def photos(root: Path | None, split: str, limit: int | None = None, classes: Container[int] = range(200)) -> Examples:
    """The photos `x`, uint8 (N, 3, 64, 64), and labels of a split, "train" or "val"; classes are ordered by wnid.

    limit: number of photos, spread evenly over the files. classes: the numbers of those that count. Raises ZooError if
    the data is missing.
    """
    folder = root / "tiny-imagenet" if root else None
    archives = sorted(folder.glob(f"{split}*.npz")) if folder else []
    if archives:
        pairs = [pair for file in archives for pair in _archived(file, limit and limit // len(archives), classes)]
    elif folder and (folder / split).is_dir():
        listed = [pair for pair in _listed(folder, split) if pair[1] in classes]
        pairs = listed[:: max(1, len(listed) // limit)][:limit] if limit else listed
    else:
        raise ZooError(
            "The data set tiny-imagenet is not on this machine. Unpack the publisher's archive as "
            "DATA/tiny-imagenet/train, and set --data or ZOO_DATA to DATA "
            f"({ADDRESS}; for non-commercial research only)."
        )
    x = np.stack([_pixels(source) for source, _ in pairs]) if pairs else np.zeros((0, 3, SIDE, SIDE), np.uint8)
    return Examples({"x": x}, np.array([label for _, label in pairs], np.int64))


def _archived(file: Path, limit: int | None, classes: Container[int]) -> Iterator[tuple[io.BytesIO, int]]:
    with np.load(file, allow_pickle=False) as archive:
        data, offsets, labels = (archive[name] for name in ("bytes", "offsets", "labels"))
    rows = [(row, label) for row, label in enumerate(labels.tolist()) if label in classes]
    for row, label in rows[:limit]:
        yield io.BytesIO(data[offsets[row] : offsets[row + 1]].tobytes()), label


def _listed(folder: Path, split: str) -> list[tuple[Path, int]]:
    """The publisher's files, each with its class."""
    wnids = sorted(path.name for path in (folder / "train").iterdir() if path.is_dir())
    if split == "train":
        return [
            (path, label)
            for label, wnid in enumerate(wnids)
            for path in sorted((folder / split / wnid).rglob("*.JPEG"))
        ]
    lines = (folder / split / "val_annotations.txt").read_text().splitlines()
    rows = [line.split("\t")[:2] for line in lines]
    return [(folder / split / "images" / name, wnids.index(wnid)) for name, wnid in rows]


def _pixels(source: io.BytesIO | Path) -> np.ndarray:
    """The pixels of an image file, uint8 (3, 64, 64)."""
    with Image.open(source) as image:
        return np.asarray(image.convert("RGB").resize((SIDE, SIDE))).transpose(2, 0, 1)
