"""Where a user's own examples are: recorded in ZOO_HOME, not in the checkpoint, which may be shared."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from models import paths
from models.errors import ZooError
from models.predictor import Predictor
from training.custom.collection import Collection, read
from training.custom.table import COLUMNS
from training.data import EXAMPLES
from training.data.dataset import Sources


def remember(
    name: str,
    path: Path,
    collection: Collection,
    resume: bool = False,
    columns: Mapping[str, str | None] = COLUMNS,
) -> None:
    """Record that the examples of model `name` are at `path`, a CSV in the columns chosen.

    Raises ZooError if a run to resume used other examples.
    """
    if resume and _recorded(name).get("sha256", collection.sha256) != collection.sha256:
        raise ZooError(f"Cannot resume: the examples at {path} changed since the run began; train without --resume.")
    record = {"examples": str(path.resolve()), "sha256": collection.sha256, "columns": dict(columns)}
    paths.write_atomically(_file(name), json.dumps(record))


def with_examples(sources: Sources, predictor: Predictor, path: Path | None = None) -> Sources:
    """`sources` with the examples that this model was trained on, read from `path` (default: the recorded path).

    Returns `sources` unchanged for a model not trained on a user's examples, or if they include examples already.
    Raises ZooError if the examples are gone or have changed: the splits would differ, and the model may have been
    trained on what is now in the test set.
    """
    expected = next((data.sha256 for data in predictor.config.data if data.name == EXAMPLES), None)
    if expected is None or sources.examples is not None:
        return sources
    id = predictor.config.slug
    record = _recorded(id)
    recorded_path = record.get("examples")
    path = path or (Path(recorded_path) if recorded_path else None)
    if path is None or not path.exists():
        where = f"no longer at {path}" if path else "not on this machine"
        raise ZooError(f"The examples that {id} was trained on are {where}; pass --examples PATH.")
    collection = read(path, predictor.processor, record.get("columns", COLUMNS))
    if collection.sha256 != expected:
        raise ZooError(
            f"The examples at {path} are not those that {id} was trained on: some were added, removed or changed. "
            "Restore them, or train it again with --examples."
        )
    return replace(sources, examples=collection.dataset())


def _recorded(name: str) -> dict[str, Any]:
    try:
        return json.loads(_file(name).read_text())
    except (OSError, ValueError):
        return {}


def _file(name: str) -> Path:
    return paths.data_home() / "runs" / name / "examples.json"
