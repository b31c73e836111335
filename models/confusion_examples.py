"""What lies behind the counts of a model's confusion table.

A few test inputs of each cell, worst first, in ZOO_HOME/cache.

`training/confusion_examples.py` writes them, since it can read test data; the pages read them. They are named by the
hash of `config.json`, which holds the hash of every other file, and so belong to that checkpoint alone.
"""

import base64
import binascii
import hashlib
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models import paths
from models.checkpoint import Checkpoint
from models.errors import BadInput

MAX_EXAMPLES = 24  # inputs of a cell
MAX_BYTES = 64 * 2**20  # of the file
MAX_FILES = 100  # that are kept, the newest
DECIMALS = 2  # of a point of a stroke, in pad pixels
_VERSION = 2  # another one, where what is kept has changed


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sample(_Strict):
    """One input: its raw form, the probability of the model's answer, and whether the model then abstained.

    raw: one of {"text"}, {"strokes", "pen"}, {"image": base64 of a file} and {"file": its path}: photos stay where they
        are.
    """

    raw: dict[str, Any]
    sure: float
    abstained: bool

    def given(self) -> Any:
        """What a predictor reads. Raises BadInput."""
        if "file" in self.raw:
            return Path(self.raw["file"])
        if "image" in self.raw:
            try:
                return base64.b64decode(self.raw["image"], validate=True)
            except (binascii.Error, ValueError) as error:
                raise BadInput("This picture is damaged; ask for it again.") from error
        return self.raw.get("text", self.raw)


class Cell(_Strict):
    """Inputs of the label `was` that the model took for `taken`, both by their number.

    How many, and some of them, worst first.
    """

    was: int
    taken: int
    count: int
    samples: tuple[Sample, ...] = Field(max_length=MAX_EXAMPLES)


class Cells(_Strict):
    """Every cell that is not empty, of one model's answers on one test part."""

    cells: tuple[Cell, ...]

    def of(self, was: int, taken: int) -> Cell:
        """One of them, which may be empty."""
        empty = Cell(was=was, taken=taken, count=0, samples=())
        return next((cell for cell in self.cells if (cell.was, cell.taken) == (was, taken)), empty)


def keep(checkpoint: Checkpoint, dataset: str, cells: Cells) -> Path:
    """Write them, in one step. Raises ZooError where they cannot be written."""
    path = _path(checkpoint, dataset)
    paths.write_atomically(path, cells.model_dump_json())
    for old in sorted(path.parent.glob("cells-*.json"), key=os.path.getmtime, reverse=True)[MAX_FILES:]:
        old.unlink(missing_ok=True)
    return path


def kept(checkpoint: Checkpoint, dataset: str) -> Cells | None:
    """Those that were written; None where there are none, or damaged ones, which are made again."""
    path = _path(checkpoint, dataset)
    try:
        return Cells.model_validate_json(path.read_bytes()) if path.stat().st_size <= MAX_BYTES else None
    except (OSError, ValidationError):
        return None


def plain(raw: Any) -> dict[str, Any]:
    """A data set's input as JSON has it (`Sample.raw`)."""
    if isinstance(raw, str):
        return {"text": raw}
    if isinstance(raw, Path):
        return {"file": str(raw.absolute()).encode(errors="replace").decode()}
    if isinstance(raw, np.ndarray):
        return {"image": base64.b64encode(_png(raw)).decode()}
    strokes = [np.round(np.asarray(stroke, float), DECIMALS).tolist() for stroke in raw["strokes"]]
    return {"strokes": strokes, "pen": float(raw["pen"])}


def _png(image: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def _path(checkpoint: Checkpoint, dataset: str) -> Path:
    key = hashlib.sha256(f"{_VERSION} {dataset} {checkpoint.digest}".encode()).hexdigest()[:16]
    return paths.data_home() / "cache" / f"cells-{key}.json"
