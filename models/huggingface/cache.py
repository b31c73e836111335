"""The cache of pulled models, `ZOO_HOME/hub/<user>/<name>/`, and the revision of each in use. Uses no network.

<commit>.<six digits>/   the checkpoint of that commit, checked before it gets this name
current                  the folder that `user/name` refers to, replaced atomically
revisions.json           {requested revision: folder}: what a branch or tag referred to when it was pulled
"""

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from models import paths, store
from models.errors import BadCheckpoint
from models.huggingface.names import MAIN, Name, is_id

REVISIONS = "revisions.json"
STAGED_PREFIX = ".staged-"
FOLDER = re.compile(r"[0-9a-f]{40}\.[0-9a-f]{6}")


def root(id: str) -> Path:
    """The folder of all pulled revisions of a model; it may not exist. Its pointer makes it a checkpoint folder."""
    return paths.hub_cache().joinpath(*canonical(id).split("/"))


def canonical(id: str) -> str:
    """The id as it is spelled in the cache: on the Hub, `Ada/CNN` and `ada/cnn` are one model."""
    folder, spelling = paths.hub_cache(), []
    for part in id.split("/"):
        try:
            names = os.listdir(folder)
        except OSError:
            names = []  # not there, or not readable
        spelled = part if part in names else next((name for name in names if name.lower() == part.lower()), part)
        spelling.append(spelled)
        folder /= spelled
    return "/".join(spelling)


def lock(id: str) -> Path:
    """The lock file for pulling a model."""
    folder = paths.hub_cache() / ".locks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{id.lower().replace('/', '--')}.lock"


def models() -> Iterator[tuple[str, Path]]:
    """Id and folder of every pulled model, by id, also of folders that may not be entered.

    Raises BadCheckpoint if the cache itself may not be.
    """
    for folder in paths.listed(paths.hub_cache(), "*/*"):
        id = f"{folder.parent.name}/{folder.name}"
        with suppress(BadCheckpoint):
            if not is_id(id) or not store.has_pointer(folder):
                continue
        yield id, folder


def find(name: Name) -> Path | None:
    """The checkpoint folder that was pulled as `name`, or None.

    A revision may also be a commit hash or at least its first seven digits.
    """
    folder = root(name.id)
    if name.revision is None:
        return folder if store.has_pointer(folder) else None
    cached = {path.name for path in folder.glob("*.*") if FOLDER.fullmatch(path.name)}
    pinned = revisions(name.id).get(name.revision)
    if pinned in cached:
        return folder / pinned
    if re.fullmatch("[0-9a-f]{7,40}", name.revision):
        return next((folder / commit for commit in sorted(cached) if commit.startswith(name.revision)), None)
    return None


def revisions(id: str) -> dict[str, str]:
    """The folder that each revision referred to when it was pulled."""
    try:
        values = json.loads((root(id) / REVISIONS).read_bytes())
    except (OSError, ValueError):
        return {}  # as if none had been pulled by name: they are then pulled again
    is_valid = isinstance(values, dict) and all(isinstance(value, str) for value in values.values())
    return values if is_valid else {}


def commit(folder: Path) -> str | None:
    """The commit hash of a pulled checkpoint, None if there is none."""
    try:
        path = store.resolve(folder)
    except BadCheckpoint:
        return None
    return path.name.partition(".")[0] if FOLDER.fullmatch(path.name) and path.is_dir() else None


def find_commit(id: str, commit: str) -> Path | None:
    """The folder of a commit if it was pulled before."""
    return next(iter(sorted(root(id).glob(f"{commit}.*"))), None)


def stage(id: str) -> Path:
    """Create a folder to download into, on the same disk and hidden from the catalog.

    The caller holds the model's lock.
    """
    folder = root(id) / f"{STAGED_PREFIX}{secrets.token_hex(6)}" / id.split("/")[1]
    folder.mkdir(parents=True)
    return folder


def remove_leftovers(id: str) -> None:
    """Remove what pulls that were killed have left. The caller holds the model's lock."""
    for leftover in root(id).glob(f"{STAGED_PREFIX}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    for name in (REVISIONS, store.POINTER):
        paths.remove_temporary_files(root(id) / name)


def publish(name: Name, staged: Path, commit: str) -> Path:
    """Move a checked, staged folder to its final place; no revision refers to it yet."""
    folder = root(name.id) / f"{commit}.{secrets.token_hex(3)}"
    os.replace(staged, folder)
    shutil.rmtree(staged.parent, ignore_errors=True)
    return folder


def point(name: Name, folder: Path, use: bool) -> None:
    """Make `name` refer to `folder`, and with `use` also the plain id; then delete folders without a reference."""
    within = root(name.id)
    current = commit(within) and store.current(within)
    references = revisions(name.id) | {name.revision or MAIN: folder.name}
    paths.write_atomically(within / REVISIONS, json.dumps(references, indent=1))
    if use or not current:
        store.point(within, folder.name)
    # The previous version is kept for readers that have just opened it.
    store.prune(within, {*references.values(), current, folder.name}, FOLDER.pattern)


def remove(id: str) -> None:
    """Remove all pulled revisions of a model."""
    paths.remove_atomically(root(id))
    if not any(root(id).parent.iterdir()):
        root(id).parent.rmdir()
