"""Where a user's own examples are: recorded in ZOO_HOME, not in the checkpoint, which may be shared."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from models import paths, runs
from models.errors import ZooError
from models.predictor import Predictor
from training.custom.collection import Collection, read
from training.custom.table import COLUMNS
from training.data import EXAMPLES
from training.data.dataset import Sources
from training.record import CannotResume, Record, examples_folder

FILE = "examples.json"


def remember(
    name: str,
    path: Path,
    collection: Collection,
    record: Record,
    columns: Mapping[str, str | None] = COLUMNS,
) -> None:
    """Record that the examples of model `name` and of its run `record` are at `path`, a CSV in the columns chosen.

    Raises CannotResume if a run to resume used other examples.
    """
    of_run = record.folder / FILE
    if record.resumed and _recorded(of_run).get("sha256", collection.sha256) != collection.sha256:
        raise CannotResume(
            f"Cannot resume: the examples at {path} changed since the run began; train without --resume."
        )
    content = json.dumps({"examples": str(path.resolve()), "sha256": collection.sha256, "columns": dict(columns)})
    for file in (of_run, examples_folder(name) / FILE):
        paths.write_atomically(file, content)


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
    # A version without records of runs wrote it into the folder of the run.
    record = _recorded(examples_folder(id) / FILE) or _recorded(runs.folder(id) / FILE)
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


def _recorded(file: Path) -> dict[str, Any]:
    try:
        return json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
