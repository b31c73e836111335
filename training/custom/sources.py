"""Where the examples of a model of one's own lie: noted in ZOO_HOME, not in the checkpoint, which may be shared."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models import paths
from models.errors import ZooError
from models.predictor import Predictor
from training.custom.collection import Collection, read
from training.data import EXAMPLES, beside, has_own


def remember(name: str, path: Path, own: Collection, resume: bool = False) -> None:
    """Note that the examples of model `name` lie at `path`. Raises ZooError to resume a run that was on others."""
    if resume and _noted(name).get("sha256", own.sha256) != own.sha256:
        raise ZooError(f"Cannot resume: the examples at {path} changed since the run began; train without --resume.")
    note = {"examples": str(path.resolve()), "sha256": own.sha256}
    paths.write_atomically(_file(name), json.dumps(note))


@contextmanager
def examples_of(predictor: Predictor, path: Path | None = None) -> Iterator[None]:
    """Make the data set `examples` the one this model was trained on, read from `path` or from where it was then.

    Changes nothing for a model that was not made from examples. Raises ZooError where they are gone or are others now,
    since what is a test part now may have been trained on then.
    """
    expected = next((data.sha256 for data in predictor.config.data if data.name == EXAMPLES), None)
    if expected is None or has_own():
        yield
        return
    id = predictor.config.slug
    noted = _noted(id).get("examples")
    path = path or (Path(noted) if noted else None)
    if path is None or not path.exists():
        where = f"no longer at {path}" if path else "not here"
        raise ZooError(f"The examples that {id} was made from are {where}; name where they lie with --examples.")
    own = read(path, predictor.processor)
    if own.sha256 != expected:
        raise ZooError(
            f"The examples at {path} are not those that {id} was made from: some came, went or changed. "
            "Put them back, or train it again with --examples."
        )
    with beside(own.dataset()):
        yield


def _noted(name: str) -> dict[str, str]:
    try:
        return json.loads(_file(name).read_text())
    except (OSError, ValueError):
        return {}


def _file(name: str) -> Path:
    return paths.data_home() / "runs" / name / "examples.json"
