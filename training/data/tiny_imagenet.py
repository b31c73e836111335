"""Tiny ImageNet, to pre-train a photo trunk on and for nothing else, so it is no data set of a task.

Photos of 64 pixels, 200 classes.

Two layouts in DATA/tiny-imagenet: the publisher's, unpacked (train/<wnid>/images/*.JPEG, val/images/*.JPEG with
val_annotations.txt), and our part of it, npz files of image files (`bytes`, `offsets`, `labels`) called train-*.npz and
val.npz.
"""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from models.errors import ZooError
from training.data.examples import Examples

ADDRESS = "http://cs231n.stanford.edu/tiny-imagenet-200.zip"
SIDE = 64


def photos(root: Path | None, part: str, most: int | None = None) -> Examples:
    """x uint8 (N, 3, 64, 64) and labels of a part, "train" or "val"; classes in the order of their wnids.

    most: photos, evenly from all files of the part, for a try. Raises ZooError where there are none.
    """
    folder = root / "tiny-imagenet" if root else None
    archives = sorted(folder.glob(f"{part}*.npz")) if folder else []
    if archives:
        found = [one for file in archives for one in _archived(file, most and most // len(archives))]
    elif folder and (folder / part).is_dir():
        listed = _listed(folder, part)
        found = listed[:: max(1, len(listed) // most)][:most] if most else listed
    else:
        raise ZooError(
            "The data set tiny-imagenet is not on this machine. Unpack the publisher's archive as "
            "DATA/tiny-imagenet/train, and set --data or ZOO_DATA to DATA "
            f"({ADDRESS}; for non-commercial research only)."
        )
    x = np.stack([_pixels(source) for source, _ in found])
    return Examples({"x": x}, np.array([label for _, label in found], np.int64))


def _archived(file: Path, most: int | None) -> Iterator[tuple[io.BytesIO, int]]:
    with np.load(file, allow_pickle=False) as archive:
        data, offsets, labels = (archive[name] for name in ("bytes", "offsets", "labels"))
    for row, label in enumerate(labels[:most].tolist()):
        yield io.BytesIO(data[offsets[row] : offsets[row + 1]].tobytes()), label


def _listed(folder: Path, part: str) -> list[tuple[Path, int]]:
    """The publisher's files, each with its class."""
    wnids = sorted(path.name for path in (folder / "train").iterdir() if path.is_dir())
    if part == "train":
        return [
            (path, label) for label, wnid in enumerate(wnids) for path in sorted((folder / part / wnid).rglob("*.JPEG"))
        ]
    lines = (folder / part / "val_annotations.txt").read_text().splitlines()
    rows = [line.split("\t")[:2] for line in lines]
    return [(folder / part / "images" / name, wnids.index(wnid)) for name, wnid in rows]


def _pixels(source: io.BytesIO | Path) -> np.ndarray:
    """uint8 (3, 64, 64)."""
    with Image.open(source) as image:
        return np.asarray(image.convert("RGB").resize((SIDE, SIDE))).transpose(2, 0, 1)
