"""A folder of versions with a pointer: the file `current` names the current version and is replaced atomically.

Readers see either the old version or the new one, never a mix. Used for models in ZOO_HOME, trained here or pulled.
"""

import re
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from models import paths
from models.errors import BadCheckpoint, ZooError

POINTER = "current"
MAX_POINTER_BYTES = 200


def has_pointer(folder: Path) -> bool:
    """Whether `folder` is a folder of versions. Raises BadCheckpoint if it may not be entered."""
    try:
        return (folder / POINTER).is_file()
    except OSError as error:
        raise BadCheckpoint(f"{folder} cannot be read: {error.strerror or error}; check its permissions.") from error


def current(folder: Path) -> str | None:
    """The name of the current version; None if there is no pointer. Raises BadCheckpoint if it is damaged."""
    if not has_pointer(folder):
        return None
    try:
        with (folder / POINTER).open("rb") as file:
            name = file.read(MAX_POINTER_BYTES + 1).strip()
    except OSError as error:
        raise BadCheckpoint(
            f"{folder / POINTER} cannot be read: {error.strerror or error}; train or pull the model again."
        ) from error
    if len(name) > MAX_POINTER_BYTES or not re.fullmatch(rb"[A-Za-z0-9_-][A-Za-z0-9._-]*", name):
        raise BadCheckpoint(f"{folder / POINTER} does not name a folder next to it; train or pull the model again.")
    return name.decode()


def resolve(folder: Path) -> Path:
    """The folder that holds the files: the current version, or `folder` itself if there is no pointer."""
    name = current(folder)
    return folder if name is None else folder / name


def point(folder: Path, name: str) -> None:
    """Make `name` the current version."""
    paths.write_atomically(folder / POINTER, name)


def remove_pointer(folder: Path) -> None:
    """Remove the pointer: the files are those in `folder` itself. Raises ZooError."""
    try:
        (folder / POINTER).unlink(missing_ok=True)
    except OSError as error:
        raise ZooError(f"Could not remove {folder / POINTER}: {error.strerror or error}.") from error


def prune(folder: Path, keep: Collection[str], versions: str = r"[^.].*") -> None:
    """Remove all versions except those in `keep`.

    versions: a regular expression for the names of folders that are versions.
    """
    for other in folder.iterdir():
        if other.is_dir() and re.fullmatch(versions, other.name) and other.name not in keep:
            with suppress(ZooError):  # it takes space, nothing else
                paths.remove_atomically(other)
