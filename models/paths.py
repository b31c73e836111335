"""Paths (the shipped checkpoints, the user's ZOO_HOME, the data root ZOO_DATA) and atomic writes."""

import errno
import glob
import os
import shutil
import time
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from models.errors import BadCheckpoint, ZooError

SHIPPED = Path(__file__).parent / "checkpoints"
FULL = (errno.ENOSPC, errno.EDQUOT)
STALE = 3600  # seconds after which a temporary file is one of a process that was killed


def data_home() -> Path:
    """The user's own folder: `ZOO_HOME`, by default `~/.local/share/zoo`. It is created on the first write.

    Raises ZooError if there is no such folder to name: the user, or the one after the tilde, has no home directory.
    """
    return _expanded(os.environ.get("ZOO_HOME") or "~/.local/share/zoo", "ZOO_HOME")


def _expanded(path: str, variable: str) -> Path:
    try:
        return _home_replaced(path, os.environ.get("HOME"))
    except RuntimeError as error:
        raise ZooError(
            f"{path} cannot be resolved, because that user has no home directory; set {variable} to a folder."
        ) from error


@lru_cache(maxsize=16)  # asked for with every prediction
def _home_replaced(path: str, _home: str | None) -> Path:
    return Path(path).expanduser()


def user_checkpoints() -> Path:
    """The folder of the user's own checkpoints."""
    return data_home() / "checkpoints"


def hub_cache() -> Path:
    """The folder of the models pulled from the Hugging Face Hub."""
    return data_home() / "hub"


def data_root() -> Path | None:
    """The folder of the data sets (`ZOO_DATA`), or None if it is not set."""
    root = os.environ.get("ZOO_DATA")
    return _expanded(root, "ZOO_DATA") if root else None


def listed(folder: Path, pattern: str = "*") -> list[Path]:
    """The paths in `folder` that match, sorted; none if it does not exist.

    Raises BadCheckpoint if it may not be read.
    """
    try:
        if not folder.is_dir():
            return []
        os.scandir(folder).close()  # glob would skip a folder that may not be read
        return sorted(folder.glob(pattern))
    except OSError as error:
        raise BadCheckpoint(
            f"{folder} cannot be read: {error.strerror}; the models in it are left out. Check its permissions."
        ) from error


def write_atomically(path: Path, content: bytes | str) -> None:
    """Write `content` to `path` so that a reader sees either the old file or the new one, never a partial file.

    Temporary files of processes that were killed are removed after an hour. Raises ZooError if the disk is full or the
    folder cannot be written; the old file is then unchanged.
    """
    import tempfile  # only writing needs it: 3 ms of start-up

    data = content.encode() if isinstance(content, str) else content
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_temporary_files(path, older=STALE)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise ZooError(
            f"Could not write {path}: {error.strerror or error}. {remedy(error)}; existing files are unchanged."
        ) from error


def remedy(error: OSError) -> str:
    """What to do about a file that could not be written, as the beginning of a sentence."""
    return "Free some space, or choose another folder" if error.errno in FULL else "Choose another folder"


def remove_temporary_files(path: Path, older: float = 0) -> None:
    """Remove the temporary files for `path` that killed processes have left, if they are `older` than so many seconds.

    With `older=0`, no other process may be writing `path`.
    """
    for left in path.parent.glob(f".{glob.escape(path.name)}.*"):
        with suppress(OSError):  # another process may remove it too
            if left.is_file() and time.time() - left.stat().st_mtime >= older:
                left.unlink()


def remove_atomically(folder: Path) -> None:
    """Remove a folder if it exists, so that a reader sees all of it or nothing.

    What an earlier, killed removal beside it left is removed too. Raises ZooError if it cannot be removed.
    """
    for left in folder.parent.glob(".removed-*"):
        shutil.rmtree(left, ignore_errors=True)
    aside = folder.with_name(f".removed-{os.urandom(6).hex()}")  # hidden, so it no longer counts as a model
    try:
        os.replace(folder, aside)
    except FileNotFoundError:
        return
    except OSError as error:
        raise ZooError(
            f"Could not remove {folder}: {error.strerror or error}; it is unchanged. "
            f"Check the permissions of {folder.parent}."
        ) from error
    shutil.rmtree(aside, ignore_errors=True)
