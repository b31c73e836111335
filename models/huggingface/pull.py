"""From the Hub into the cache.

Only the files that the format knows, bounded before and while they come, checked before they count.

A bad pull changes nothing: it is fetched beside what is there and takes its place in one step, after `Checkpoint.check`
and the golden answers of its ONNX graph.
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import format1
from models.checkpoint import CARD, FORMAT, OPTIONAL, READABLE, REQUIRED, Checkpoint, limit
from models.errors import HubError, ZooError
from models.huggingface import cache, names
from models.huggingface.failures import host, told
from models.huggingface.names import COMMIT, MAIN, Name

# huggingface_hub takes long to import, so the functions that use it import it.

NAMES = ("config.json", *REQUIRED, *OPTIONAL, *format1.FILES.values(), CARD)
MAX_BYTES = 2 * 2**30  # of all files together
SPARE = 64 * 2**20  # bytes that stay free on the disk
SECONDS = 20  # for an answer about a repository


@dataclass(frozen=True)
class Pulled:
    """folder: the checkpoint; commit: its hash on the Hub; new: whether anything was fetched."""

    id: str
    folder: Path
    commit: str
    new: bool


def pull(text: str, use: bool = True) -> Pulled:
    """Ask the Hub for `user/name` or `user/name@revision` and bring what it holds now into the cache.

    use: let the plain id mean it from now on, even where another revision did. Raises HubError, with one sentence that
        says what is wrong and the way out; what was pulled before then stays as it is.
    """
    name = names.parse(text)
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in (
        "1",
        "ON",
        "YES",
        "TRUE",
    ):  # also where it was set after the import
        raise HubError(
            "HF_HUB_OFFLINE is set, as it is in the server, so nothing is fetched; pull it from a shell: zoo "
            f"pull {name}"
        )
    try:
        from huggingface_hub.utils import WeakFileLock

        with WeakFileLock(cache.lock(name.id)):
            return _pull(name, use)
    except ZooError as error:
        before = cache.commit(cache.root(name.id))
        stays = f" What was pulled before (commit {before[:7]}) stays in use." if before else ""
        raise HubError(f"{error}{stays}") from None
    except OSError as error:  # of the disk; what the network raises has been told
        raise HubError(
            f"{error.filename or cache.root(name.id)} cannot be written: {error.strerror or error}; free some space, "
            "or name another ZOO_HOME."
        ) from error
    finally:
        _tidy(name.id)


def _pull(name: Name, use: bool) -> Pulled:
    from huggingface_hub import HfApi

    api = HfApi(library_name="zoo")
    with told(name.id, "pull"):
        commit = api.model_info(name.id, revision=name.revision or MAIN, expand=["sha"], timeout=SECONDS).sha
    if not isinstance(commit, str) or not COMMIT.fullmatch(commit):
        raise HubError(f"{host()} does not say which commit {name} is; see whether HF_ENDPOINT is right.")
    folder = cache.held(name.id, commit)
    new = folder is None or not _whole(folder)
    if new:
        staged = cache.stage(name.id)
        try:
            with told(name.id, "pull"):
                _fetch(api, name, commit, staged)
            check(name.id, staged)
            folder = cache.keep(name, staged, commit)
        finally:
            shutil.rmtree(staged.parent, ignore_errors=True)
    cache.point(name, folder, use)
    return Pulled(name.id, folder, commit, new)


def _fetch(api: Any, name: Name, commit: str, staged: Path) -> None:
    """Bring the files of a commit into `staged`, config.json first: it says which others there must be."""
    found = api.get_paths_info(name.id, list(NAMES), revision=commit)
    sizes = {
        info.path: info.size for info in found if info.path in NAMES and isinstance(getattr(info, "size", None), int)
    }
    if "config.json" not in sizes:
        raise _foreign(name, "it has no config.json")
    _bounded(name, sizes, staged)
    _download(api, name, commit, "config.json", sizes["config.json"], staged)
    files = _files(name, staged)
    missing = [one for one in files if one not in sizes]
    if missing:
        raise HubError(
            f"{name} is half uploaded: its config.json lists {', '.join(missing)}, which the repository lacks; ask "
            "its owner to push it again."
        )
    for one in (*files, *({CARD} & sizes.keys())):
        _download(api, name, commit, one, sizes[one], staged)
    shutil.rmtree(staged / ".cache", ignore_errors=True)  # where huggingface_hub keeps what it knows of the files


def _files(name: Name, staged: Path) -> list[str]:
    """The files that config.json lists. Raises HubError where it is not one of ours at all."""
    try:
        values = json.loads((staged / "config.json").read_bytes())
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict) or "format" not in values or "task" not in values:
        raise _foreign(name, "its config.json is of another kind")
    if values["format"] not in READABLE:
        raise HubError(
            f"{name} has the format {str(values['format'])[:20]!r}, and this version of the zoo reads format "
            f"{FORMAT}; update the zoo, or name an older revision."
        )
    return list(Checkpoint.open(staged).config.files)


def _foreign(name: Name, why: str) -> HubError:
    return HubError(f"{name} holds no model of the zoo: {why}; name one that `zoo push` has made.")


def _bounded(name: Name, sizes: dict[str, int], staged: Path) -> None:
    """Refuse what is too large, before anything is fetched."""
    for one, size in sizes.items():
        if size > limit(one):
            raise _large(name, one, f"{size:,}", limit(one))
    whole = sum(sizes.values())
    if whole > MAX_BYTES:
        raise _large(name, "the whole", f"{whole:,}", MAX_BYTES)
    free = shutil.disk_usage(staged).free
    if whole + SPARE > free:
        raise HubError(
            f"The disk is too full for {name}: it has {whole / 2**20:,.0f} MB, and {free / 2**20:,.0f} are free; "
            "free some space, or name another ZOO_HOME."
        )


def _large(name: Name, what: str, size: str, most: int) -> HubError:
    return HubError(
        f"{name} is too large: {what} has {size} bytes, at most {most:,} are taken; nothing of it was kept."
    )


def _download(api: Any, name: Name, commit: str, file: str, size: int, staged: Path) -> None:
    from huggingface_hub.utils import tqdm

    class Counted(tqdm):
        """Counts what comes, so that no more is written than was announced.

        A bar on a terminal, which goes when it is full.
        """

        def __init__(self, *args: Any, **kwargs: Any):
            super().__init__(*args, **{**kwargs, "disable": None, "leave": False})
            self.came = 0

        def update(self, n: float | None = 1) -> None:
            self.came += n or 0
            if self.came > size:
                raise _large(name, file, f"more than {size:,}", size)
            super().update(n or 0)

        def update_transfer(self, n: float | None = 1) -> None:
            """What Xet moves to get there is not what is written: whole blocks, packed."""

    # Forced, so that huggingface_hub takes it neither from a cache of its own nor waits out a refusal (it would, for
    # minutes).
    api.hf_hub_download(name.id, file, revision=commit, local_dir=staged, force_download=True, tqdm_class=Counted)
    got = (staged / file).stat().st_size
    if got != size:
        raise HubError(f"{name}: {file} came with {got:,} bytes, {size:,} were announced; pull it again.")


def check(id: str, folder: Path) -> None:
    """Check that a folder is a complete checkpoint whose graph gives its golden answers.

    Raises ZooError with one sentence.
    """
    from models.engines.onnx import OnnxEngine  # with what loads models, not needed to list them
    from models.golden import Mismatch
    from models.golden import check as check_answers
    from models.predictor import Predictor

    checkpoint = Checkpoint.open(folder)
    checkpoint.check()
    try:
        check_answers(Predictor(checkpoint, OnnxEngine(checkpoint), id))
    except Mismatch as error:
        raise HubError(f"{id} does not give its golden answers: {error}; ask its owner to push it again.") from error


def _whole(folder: Path) -> bool:
    """Whether what was pulled before is still as it was."""
    try:
        Checkpoint.open(folder).check()
    except ZooError:
        return False
    return True


def _tidy(id: str) -> None:
    """Leave no empty folder where nothing came of a pull."""
    for folder in (cache.root(id), cache.root(id).parent):
        try:
            folder.rmdir()
        except OSError:
            return
