"""Checkpoint folders outside the catalog, added to it temporarily so that every surface can find them."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from models import catalog, paths
from models.checkpoint import Checkpoint
from models.errors import BadCheckpoint, UnknownModel, ZooError

_REMEDY = "Set ZOO_HOME to a folder you can write to."


def folder_of(name: str) -> Path | None:
    """The checkpoint folder named on the command line; None if the name is a model's id.

    Raises UnknownModel if it is neither.
    """
    try:
        catalog.find(name)
    except BadCheckpoint:
        return None
    except UnknownModel:
        folder = Path(name).expanduser().resolve()
        if not folder.is_dir():
            raise
        return folder
    return None


@contextmanager
def added(folders: Sequence[Path]) -> Iterator[dict[Path, str | BadCheckpoint]]:
    """Add each folder to the user's models while the body runs, in a temporary ZOO_HOME that links to the real one.

    Yields the id of each folder, or what is wrong with it.
    """
    if not folders:
        yield {}
        return
    real, before = paths.data_home(), os.environ.get("ZOO_HOME")
    try:
        real.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ZooError(f"Could not make {real}: {error.strerror or error}. {_REMEDY}") from error
    if not os.access(real, os.W_OK):
        raise ZooError(f"{real} is not writable. {_REMEDY}")
    with tempfile.TemporaryDirectory(prefix="zoo-verify-") as name:
        temporary = Path(name)
        (temporary / "checkpoints").mkdir()
        for path in [*real.iterdir(), *(real / "checkpoints").glob("*")]:
            if path != real / "checkpoints":
                (temporary / path.relative_to(real)).symlink_to(path.resolve())
        ids = {folder: _existing(folder) or _link(folder, temporary / "checkpoints") for folder in folders}
        os.environ["ZOO_HOME"] = name
        try:
            yield ids
        finally:
            del os.environ["ZOO_HOME"]
            if before is not None:
                os.environ["ZOO_HOME"] = before
            for path in temporary.iterdir():  # keep new files, such as the first record or the log of test runs
                if not path.is_symlink() and path.name != "checkpoints":
                    shutil.move(path, real / path.name)


def _existing(folder: Path) -> str | None:
    """The id of the catalog's model in this folder, if any."""
    return next((model.id for model in catalog.models() if model.path.resolve() == folder), None)


def _link(folder: Path, checkpoints: Path) -> str | BadCheckpoint:
    """Link the folder under an unused id; returns the id."""
    try:
        slug = Checkpoint.open(folder).config.slug
    except BadCheckpoint as error:
        return error
    names = (f"{slug}-folder{number or ''}" for number in count())
    id = next(name for name in names if not (checkpoints / name).exists() and not catalog.is_taken(name))
    (checkpoints / id).symlink_to(folder)
    return id
