"""Folders that are no models of the catalog, made to stand in it for a while, so that every surface knows them."""

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

_WAY_OUT = "Name a folder that can be written with ZOO_HOME."


def folder_of(name: str) -> Path | None:
    """The checkpoint folder that somebody named on the command line; None where it is the id of a model. Raises UnknownModel for neither."""
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
def standing(folders: Sequence[Path]) -> Iterator[dict[Path, str | BadCheckpoint]]:
    """List each folder among the user's own models while the body runs, in a ZOO_HOME that otherwise links to the real one.

    Yields the id of each folder, or what is wrong with it.
    """
    if not folders:
        yield {}
        return
    real, before = paths.data_home(), os.environ.get("ZOO_HOME")
    try:
        real.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ZooError(f"Could not make {real}: {error.strerror or error}. {_WAY_OUT}") from error
    if not os.access(real, os.W_OK):
        raise ZooError(f"Nothing can be written into {real}. {_WAY_OUT}")
    with tempfile.TemporaryDirectory(prefix="zoo-verify-") as name:
        aside = Path(name)
        (aside / "checkpoints").mkdir()
        for path in [*real.iterdir(), *(real / "checkpoints").glob("*")]:
            if path != real / "checkpoints":
                (aside / path.relative_to(real)).symlink_to(path.resolve())
        ids = {folder: _known(folder) or _linked(folder, aside / "checkpoints") for folder in folders}
        os.environ["ZOO_HOME"] = name
        try:
            yield ids
        finally:
            del os.environ["ZOO_HOME"]
            if before is not None:
                os.environ["ZOO_HOME"] = before
            for path in aside.iterdir():  # what is new, such as the first record or the log of test runs, is to stay
                if not path.is_symlink() and path.name != "checkpoints":
                    shutil.move(path, real / path.name)


def _known(folder: Path) -> str | None:
    """The id of the model that this folder is already."""
    return next((model.id for model in catalog.models() if model.path.resolve() == folder), None)


def _linked(folder: Path, checkpoints: Path) -> str | BadCheckpoint:
    """Link the folder under an id that nothing else has; the id."""
    try:
        slug = Checkpoint.open(folder).config.slug
    except BadCheckpoint as error:
        return error
    names = (f"{slug}-folder{number or ''}" for number in count())
    id = next(name for name in names if not (checkpoints / name).exists() and not catalog.is_taken(name))
    (checkpoints / id).symlink_to(folder)
    return id
