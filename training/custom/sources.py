"""Where the examples of a model of one's own lie: noted in ZOO_HOME, not in the checkpoint, which may be shared."""

import json
from dataclasses import replace
from pathlib import Path

from models import paths
from models.errors import ZooError
from models.predictor import Predictor
from training.custom.collection import Collection, read
from training.data import EXAMPLES
from training.data.dataset import Sources


def remember(name: str, path: Path, own: Collection, resume: bool = False) -> None:
    """Note that the examples of model `name` lie at `path`. Raises ZooError to resume a run that was on others."""
    if resume and _noted(name).get("sha256", own.sha256) != own.sha256:
        raise ZooError(f"Cannot resume: the examples at {path} changed since the run began; train without --resume.")
    note = {"examples": str(path.resolve()), "sha256": own.sha256}
    paths.write_atomically(_file(name), json.dumps(note))


def with_examples(sources: Sources, predictor: Predictor, path: Path | None = None) -> Sources:
    """Sources whose data set `examples` is the one this model was trained on, read from `path` or from where it was then.

    The same sources for a model that was not trained on a user's examples, or where they have some already. Raises
    ZooError where they are gone or have changed, since what is in the test split now may have been trained on then.
    """
    expected = next((data.sha256 for data in predictor.config.data if data.name == EXAMPLES), None)
    if expected is None or sources.examples is not None:
        return sources
    id = predictor.config.slug
    noted = _noted(id).get("examples")
    path = path or (Path(noted) if noted else None)
    if path is None or not path.exists():
        where = f"no longer at {path}" if path else "not on this machine"
        raise ZooError(f"The examples that {id} was trained on are {where}; pass --examples PATH.")
    collection = read(path, predictor.processor)
    if collection.sha256 != expected:
        raise ZooError(
            f"The examples at {path} are not those that {id} was trained on: some were added, removed or changed. "
            "Restore them, or train it again with --examples."
        )
    return replace(sources, examples=collection.dataset())


def _noted(name: str) -> dict[str, str]:
    try:
        return json.loads(_file(name).read_text())
    except (OSError, ValueError):
        return {}


def _file(name: str) -> Path:
    return paths.data_home() / "runs" / name / "examples.json"
