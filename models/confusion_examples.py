"""Examples for a model's confusion matrix: a few test inputs of each cell, worst first, stored in ZOO_HOME/cache.

`training/confusion_examples.py` writes them, because it can read test data; the pages read them. The file name contains
the hash of `config.json`, and so of every other file: the examples belong to exactly that checkpoint.
"""

import base64
import binascii
import hashlib
import io
import os
from collections.abc import Mapping
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
MAX_FILES = 100  # the newest are kept
DECIMALS = 2  # of the points of a stroke, in pad pixels
_VERSION = 3  # increase it when the content of the files changes


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sample(_Strict):
    """One input, the probability of the model's best label, and whether the model abstained.

    raw: {"text"}, {"fields"}, {"strokes", "pen"}, {"image": base64 of a file} or {"file": path}: photos are
    referenced, not copied.
    """

    raw: dict[str, Any]
    confidence: float
    abstained: bool

    def raw_input(self) -> Any:
        """The raw input for a predictor. Raises BadInput."""
        if "file" in self.raw:
            return Path(self.raw["file"])
        if "image" in self.raw:
            try:
                return base64.b64decode(self.raw["image"], validate=True)
            except (binascii.Error, ValueError) as error:
                raise BadInput("This picture is damaged; choose another example.") from error
        return self.raw.get("text", self.raw.get("fields", self.raw))


class Cell(_Strict):
    """Inputs with one true and one predicted label (indices of labels): their count, and some of them, worst first."""

    true: int
    predicted: int
    count: int
    samples: tuple[Sample, ...] = Field(max_length=MAX_EXAMPLES)


class Cells(_Strict):
    """All non-empty cells of one model's confusion matrix on one test set."""

    cells: tuple[Cell, ...]

    def of(self, true: int, predicted: int) -> Cell:
        """One cell, which may be empty."""
        empty = Cell(true=true, predicted=predicted, count=0, samples=())
        return next((cell for cell in self.cells if (cell.true, cell.predicted) == (true, predicted)), empty)

    def most_wrong(self, count: int) -> list[tuple[Cell, Sample]]:
        """The mistakes with the highest confidence, the highest first."""
        found = [(cell, sample) for cell in self.cells if cell.true != cell.predicted for sample in cell.samples]
        return sorted(found, key=lambda pair: -pair[1].confidence)[:count]

    def hardest(self, count: int) -> list[tuple[Cell, Sample]]:
        """The right answers with the lowest confidence, the lowest first."""
        found = [(cell, sample) for cell in self.cells if cell.true == cell.predicted for sample in cell.samples]
        return sorted(found, key=lambda pair: pair[1].confidence)[:count]


def save(checkpoint: Checkpoint, dataset: str, cells: Cells) -> Path:
    """Write the examples atomically and return the path. Raises ZooError if they cannot be written."""
    path = _path(checkpoint, dataset)
    paths.write_atomically(path, cells.model_dump_json())
    for old in sorted(path.parent.glob("confusion-*.json"), key=os.path.getmtime, reverse=True)[MAX_FILES:]:
        if old != path:  # it is not the newest if the clock was set back
            old.unlink(missing_ok=True)
    return path


def load(checkpoint: Checkpoint, dataset: str) -> Cells | None:
    """The saved examples; None if there are none or they are damaged, so that they are computed again."""
    path = _path(checkpoint, dataset)
    try:
        return Cells.model_validate_json(path.read_bytes()) if path.stat().st_size <= MAX_BYTES else None
    except (OSError, ValidationError):
        return None


def to_json(raw: Any) -> dict[str, Any]:
    """An input of a data set as plain JSON types (`Sample.raw`)."""
    if isinstance(raw, str):
        return {"text": raw}
    if isinstance(raw, Path):
        return {"file": str(raw.absolute()).encode(errors="replace").decode()}
    if isinstance(raw, Mapping) and "strokes" not in raw:
        return {"fields": dict(raw)}
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
    return paths.data_home() / "cache" / f"confusion-{key}.json"
