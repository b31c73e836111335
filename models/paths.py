"""Paths: the shipped checkpoints, the user's own folder (ZOO_HOME), the data root (ZOO_DATA); and atomic writes."""

import os
import secrets
import shutil
import tempfile
from pathlib import Path

from models.errors import ZooError

SHIPPED = Path(__file__).parent / "checkpoints"


def data_home() -> Path:
    """The user's own folder: `ZOO_HOME`, by default `~/.local/share/zoo`.

    It is made when something is first written.
    """
    return Path(os.environ.get("ZOO_HOME") or Path.home() / ".local" / "share" / "zoo").expanduser()


def user_checkpoints() -> Path:
    """The folder of the user's own checkpoints."""
    return data_home() / "checkpoints"


def hub_cache() -> Path:
    """The folder of the models that were pulled from the Hugging Face Hub."""
    return data_home() / "hub"


def data_root() -> Path | None:
    """The folder of the real data sets (`ZOO_DATA`), or None where none is named."""
    root = os.environ.get("ZOO_DATA")
    return Path(root).expanduser() if root else None


def write_atomically(path: Path, content: bytes | str) -> None:
    """Write `content` to `path` so that a reader sees the old file or the new one, never half of either.

    Raises ZooError when the disk is full or the folder cannot be written; the old file is then untouched.
    """
    data = content.encode() if isinstance(content, str) else content
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
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
            f"Could not write {path}: {error.strerror or error}. Free some space or name another folder; nothing "
            "was lost."
        ) from error


def remove_atomically(folder: Path) -> None:
    """Remove a folder, if it is there, so that a reader sees it whole or not at all.

    Raises ZooError when it cannot be.
    """
    aside = folder.with_name(f".removed-{secrets.token_hex(6)}")  # hidden, so it is no model any more
    try:
        os.replace(folder, aside)
    except FileNotFoundError:
        return
    except OSError as error:
        raise ZooError(f"Could not remove {folder}: {error.strerror or error}; it is as it was.") from error
    shutil.rmtree(aside, ignore_errors=True)
