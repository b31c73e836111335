"""Pull from the Hub into the cache: only files of the format, with their sizes limited before and during the download.

A failed pull changes nothing: files are downloaded into a separate folder, which replaces the old one atomically after
`Checkpoint.check` and a check of the expected answers of the ONNX graph.
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import format1, paths
from models.checkpoint import CARD, FORMAT, OPTIONAL, READABLE_FORMATS, REQUIRED, Checkpoint, limit
from models.errors import HubError, ZooError
from models.huggingface import cache, endpoint, names
from models.huggingface.failures import host, hub_errors
from models.huggingface.names import COMMIT, MAIN, Name

# huggingface_hub takes long to import, so the functions that use it import it.

FILES = ("config.json", *REQUIRED, *OPTIONAL, *format1.FILES.values(), CARD)
MAX_BYTES = 2 * 2**30  # of all files together
RESERVE = 64 * 2**20  # bytes to leave free on the disk
TIMEOUT = 20  # seconds, for information about a repository


@dataclass(frozen=True)
class Pulled:
    """The result of a pull. folder: the checkpoint; commit: its commit hash; new: whether anything was downloaded."""

    id: str
    folder: Path
    commit: str
    new: bool


def pull(text: str, use: bool = True) -> Pulled:
    """Download the current state of `user/name` or `user/name@revision` into the cache.

    use: make the plain id refer to it, even if it referred to another revision before.

    Raises HubError; models pulled before are then unchanged.
    """
    name = names.parse(text)
    # huggingface_hub reads the variable on import only; it may have been set since.
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        raise HubError(
            "HF_HUB_OFFLINE is set (the server always sets it), so nothing is downloaded; "
            f"pull the model from a shell: zoo pull {name}"
        )
    endpoint.check()
    try:
        from huggingface_hub.utils import WeakFileLock

        with WeakFileLock(cache.lock(name.id)):
            return _pull(name, use)
    except ZooError as error:
        previous = cache.commit(cache.root(name.id))
        fallback = f" The version pulled before (commit {previous[:7]}) stays in use." if previous else ""
        raise HubError(f"{error}{fallback}") from None
    except OSError as error:  # of the disk; `hub_errors` has converted those of the network
        raise HubError(
            f"{error.filename or cache.root(name.id)} cannot be written: {error.strerror or error}. "
            f"{paths.remedy(error)} with ZOO_HOME."
        ) from error
    finally:
        _remove_empty(name.id)


def _pull(name: Name, use: bool) -> Pulled:
    from huggingface_hub import HfApi

    api = HfApi(library_name="zoo")
    with hub_errors(name.id, "pull"):
        info = api.model_info(name.id, revision=name.revision or MAIN, expand=["sha"], timeout=TIMEOUT)
    commit = info.sha
    if isinstance(info.id, str) and info.id.lower() == name.id.lower():  # the spelling of its owner
        name = Name(cache.canonical(info.id), name.revision)
    if not isinstance(commit, str) or not COMMIT.fullmatch(commit):
        raise HubError(f"{host()} did not return the commit of {name}; check HF_ENDPOINT.")
    cache.remove_leftovers(name.id)
    folder = cache.find_commit(name.id, commit)
    new = folder is None or not _is_intact(folder)
    if new:
        staged = cache.stage(name.id)
        try:
            with hub_errors(name.id, "pull"):
                _fetch(api, name, commit, staged)
            check(name.id, staged)
            folder = cache.publish(name, staged, commit)
        finally:
            shutil.rmtree(staged.parent, ignore_errors=True)
    cache.point(name, folder, use)
    return Pulled(name.id, folder, commit, new)


def _fetch(api: Any, name: Name, commit: str, staged: Path) -> None:
    """Download the files of a commit into `staged`, config.json first, because it lists the others."""
    infos = api.get_paths_info(name.id, list(FILES), revision=commit)
    sizes = {
        info.path: info.size for info in infos if info.path in FILES and isinstance(getattr(info, "size", None), int)
    }
    if "config.json" not in sizes:
        raise _not_a_zoo_model(name, "it has no config.json")
    _check_sizes(name, sizes, staged)
    _download(api, name, commit, "config.json", sizes["config.json"], staged)
    files = _files(name, staged)
    missing = [file for file in files if file not in sizes]
    if missing:
        raise HubError(
            f"{name} is incomplete: its config.json lists {', '.join(missing)}, which the repository lacks; "
            "ask its owner to push it again."
        )
    for file in (*files, *({CARD} & sizes.keys())):
        _download(api, name, commit, file, sizes[file], staged)
    shutil.rmtree(staged / ".cache", ignore_errors=True)  # metadata of huggingface_hub


def _files(name: Name, staged: Path) -> list[str]:
    """The files that config.json lists. Raises HubError if it is not a config.json of the Zoo."""
    try:
        values = json.loads((staged / "config.json").read_bytes())
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict) or "format" not in values or "task" not in values:
        raise _not_a_zoo_model(name, "its config.json has another format")
    if values["format"] not in READABLE_FORMATS:
        raise HubError(
            f"{name} has format {str(values['format'])[:20]!r}, expected format {FORMAT}; "
            "update the Zoo, or pull an older revision."
        )
    return list(Checkpoint.open(staged).config.files)


def _not_a_zoo_model(name: Name, why: str) -> HubError:
    return HubError(f"{name} is not a model of the Zoo: {why}; choose one that was pushed with `zoo push`.")


def _check_sizes(name: Name, sizes: dict[str, int], staged: Path) -> None:
    """Refuse files that are too large, before anything is downloaded."""
    for file, size in sizes.items():
        if size > limit(file):
            raise _too_large(name, file, f"{size:,}", limit(file))
    total = sum(sizes.values())
    if total > MAX_BYTES:
        raise _too_large(name, "the repository", f"{total:,}", MAX_BYTES)
    free = shutil.disk_usage(staged).free
    if total + RESERVE > free:
        raise HubError(
            f"The disk is too full for {name}: it needs {total / 2**20:,.0f} MB, {free / 2**20:,.0f} MB are free; "
            "free some space, or choose another ZOO_HOME."
        )


def _too_large(name: Name, what: str, size: str, maximum: int) -> HubError:
    return HubError(
        f"{name} is too large: {what} has {size} bytes, at most {maximum:,} are allowed; choose a smaller model."
    )


def _download(api: Any, name: Name, commit: str, file: str, size: int, staged: Path) -> None:
    from huggingface_hub.utils import tqdm

    class Counted(tqdm):
        """A progress bar that also stops a download larger than announced; it disappears when it is complete."""

        def __init__(self, *args: Any, **kwargs: Any):
            super().__init__(*args, **{**kwargs, "disable": None, "leave": False})
            self.received = 0

        def update(self, n: float | None = 1) -> None:
            self.received += n or 0
            if self.received > size:
                raise _too_large(name, file, f"more than {size:,}", size)
            super().update(n or 0)

        def update_transfer(self, n: float | None = 1) -> None:
            """Ignored: Xet transfers whole compressed blocks, not the bytes that are written."""

    # Forced, so that huggingface_hub neither uses its own cache nor retries a rejected request (for minutes).
    api.hf_hub_download(name.id, file, revision=commit, local_dir=staged, force_download=True, tqdm_class=Counted)
    got = (staged / file).stat().st_size
    if got != size:
        raise HubError(f"{name}: {file} has {got:,} bytes, expected {size:,}; pull it again.")


def check(id: str, folder: Path) -> None:
    """Check that a folder is a complete checkpoint whose graph returns its expected answers. Raises ZooError."""
    from models.engines.onnx import OnnxEngine  # only needed to run a model, not to list them
    from models.golden import Mismatch
    from models.golden import check as check_answers
    from models.predictor import Predictor

    checkpoint = Checkpoint.open(folder)
    checkpoint.check()
    try:
        check_answers(Predictor(checkpoint, OnnxEngine(checkpoint), id))
    except Mismatch as error:
        raise HubError(
            f"{id} does not return its expected answers: {error}; ask its owner to push it again."
        ) from error


def _is_intact(folder: Path) -> bool:
    """Whether a checkpoint pulled before is complete and unchanged."""
    try:
        Checkpoint.open(folder).check()
    except ZooError:
        return False
    return True


def _remove_empty(id: str) -> None:
    """Remove the empty folders that a failed pull leaves."""
    for folder in (cache.root(id), cache.root(id).parent):
        try:
            folder.rmdir()
        except OSError:
            return
