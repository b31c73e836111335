"""UNIPEN's isolated characters, recorded as pen strokes rather than scanned; see unipen/SOURCE.md."""

from functools import cache
from pathlib import Path

import numpy as np

from models.errors import ZooError
from models.inputs.strokes import PAD, PEN
from training.data.dataset import SPLITS, Dataset, Raw, Sources, sha256_of

DRAWN = 190.0  # pixels, the longer side of a character on the drawing pad
HERE = Path(__file__).parent / "unipen"
PENS = (8, 30)  # pixels, other pen widths for which figures are reported
DIGITS, LETTERS = tuple("0123456789"), tuple("abcdefghijklmnopqrstuvwxyz")


def read_strokes(name: str, classes: tuple[str, ...], pen: float, split: str, sources: Sources) -> Raw:
    """The characters of `<name>.npz` in this split, each `{"strokes": [...], "pen": pen}`, centred on the pad."""
    path = _find(f"{name}.npz", sources)
    arrays = _arrays(path)
    chosen = np.flatnonzero(arrays["split"] == SPLITS.index(split))
    drawings = [{"strokes": _on_the_pad(arrays, character), "pen": pen} for character in chosen]
    return Raw(drawings, arrays["labels"][chosen].astype(np.int64), classes, sha256_of(path))


def _find(file: str, sources: Sources) -> Path:
    for folder in (HERE, *([sources.folder / "unipen"] if sources.folder else [])):
        if (folder / file).exists():
            return folder / file
    raise ZooError(
        f"{file} was not found. Put UNIPEN's strokes into DATA/unipen and set --data or ZOO_DATA to DATA. "
        "Their origin is described in training/data/unipen/SOURCE.md."
    )


@cache
def _arrays(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}  # an NpzFile reads an array again on each access


def _on_the_pad(arrays: dict[str, np.ndarray], character: int) -> list[np.ndarray]:
    """The strokes of one character, each float64 (points, 2): scaled to DRAWN pixels and centred on the pad."""
    first, past = arrays["char_offsets"][character : character + 2]
    bounds = arrays["stroke_offsets"][first : past + 1]
    points = arrays["points"][bounds[0] : bounds[-1]].astype(np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    placed = (points - (low + high) / 2) * (DRAWN / max(float((high - low).max()), 1.0)) + PAD / 2
    return np.split(placed, bounds[1:-1] - bounds[0])


def _dataset(name: str, file: str, classes: tuple[str, ...], title: str, pen: float = PEN) -> Dataset:
    return Dataset(
        name=name,
        title=title,
        address="https://doi.org/10.5281/zenodo.1195803",
        licence="CC BY 4.0, International Unipen Foundation",
        read=lambda split, sources: read_strokes(file, classes, pen, split, sources),
    )


DATASETS = (
    _dataset("unipen-digits", "digits", DIGITS, "UNIPEN digits"),
    *(_dataset(f"unipen-digits-pen{pen}", "digits", DIGITS, f"UNIPEN digits, pen of {pen} px", pen) for pen in PENS),
    _dataset("unipen-letters", "letters", LETTERS, "UNIPEN letters"),
)
