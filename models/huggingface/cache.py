"""Where pulled models lie, `ZOO_HOME/hub/<user>/<name>/`, and which revision of each is in use.

Nothing here asks the network.

<commit>.<six digits>/   a checkpoint as it was at that commit, checked before it got this name
current                  the one that `user/name` means, replaced in one step
revisions.json           {revision that was asked for: folder}: what a branch or tag was when it was pulled
"""

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from models import paths, store
from models.errors import BadCheckpoint
from models.huggingface.names import MAIN, Name, is_id

REVISIONS = "revisions.json"
STAGED = ".staged-"
FOLDER = re.compile(r"[0-9a-f]{40}\.[0-9a-f]{6}")


def root(id: str) -> Path:
    """The folder of all that was pulled of a model; it need not be there. Its pointer makes it a checkpoint folder."""
    return paths.hub_cache().joinpath(*id.split("/"))


def lock(id: str) -> Path:
    """The file that is locked while a model is pulled."""
    folder = paths.hub_cache() / ".locks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{id.replace('/', '--')}.lock"


def models() -> Iterator[tuple[str, Path]]:
    """Id and folder of every pulled model, by id."""
    for folder in sorted(paths.hub_cache().glob("*/*")):
        id = f"{folder.parent.name}/{folder.name}"
        if is_id(id) and store.has_pointer(folder):
            yield id, folder


def find(name: Name) -> Path | None:
    """The checkpoint folder pulled as `name` or as the commit it names (seven or more digits of its hash), or None."""
    folder = root(name.id)
    if name.revision is None:
        return folder if store.has_pointer(folder) else None
    held = {found.name for found in folder.glob("*.*") if FOLDER.fullmatch(found.name)}
    pinned = revisions(name.id).get(name.revision)
    if pinned in held:
        return folder / pinned
    if re.fullmatch("[0-9a-f]{7,40}", name.revision):
        return next((folder / one for one in sorted(held) if one.startswith(name.revision)), None)
    return None


def revisions(id: str) -> dict[str, str]:
    """The folder that each revision stood for when it was pulled."""
    try:
        values = json.loads((root(id) / REVISIONS).read_bytes())
    except (OSError, ValueError):
        return {}  # as if none had been pulled by name: what it named is then pulled again
    fine = isinstance(values, dict) and all(isinstance(value, str) for value in values.values())
    return values if fine else {}


def commit(folder: Path) -> str | None:
    """The hash of the commit that a pulled checkpoint is, None where there is none."""
    try:
        path = store.resolve(folder)
    except BadCheckpoint:
        return None
    return path.name.partition(".")[0] if FOLDER.fullmatch(path.name) and path.is_dir() else None


def held(id: str, commit: str) -> Path | None:
    """The folder of a commit that was pulled before."""
    return next(iter(sorted(root(id).glob(f"{commit}.*"))), None)


def stage(id: str) -> Path:
    """A new folder to fetch into, on the same disk; hidden, so it is no model yet.

    Whoever pulls holds the model's lock.
    """
    for left in root(id).glob(f"{STAGED}*"):
        shutil.rmtree(left, ignore_errors=True)  # of a pull that was killed
    folder = root(id) / f"{STAGED}{secrets.token_hex(6)}" / id.split("/")[1]
    folder.mkdir(parents=True)
    return folder


def keep(name: Name, staged: Path, commit: str) -> Path:
    """Give a checked, staged folder its place; from then on it is there, though nothing names it yet."""
    folder = root(name.id) / f"{commit}.{secrets.token_hex(3)}"
    os.replace(staged, folder)
    shutil.rmtree(staged.parent, ignore_errors=True)
    return folder


def point(name: Name, folder: Path, use: bool) -> None:
    """Let `name` mean `folder`, each in one step; `use`: the model's plain id, too.

    Then let go of what nothing names.
    """
    within = root(name.id)
    current = commit(within) and store.current(within)
    named = revisions(name.id) | {name.revision or MAIN: folder.name}
    paths.write_atomically(within / REVISIONS, json.dumps(named, indent=1))
    if use or not current:
        store.point(within, folder.name)
    # The version in use until now stays for readers that have just opened it.
    store.prune(within, {*named.values(), current, folder.name}, FOLDER.pattern)


def remove(id: str) -> None:
    """Take away all that was pulled of a model."""
    paths.remove_atomically(root(id))
    if not any(root(id).parent.iterdir()):
        root(id).parent.rmdir()
