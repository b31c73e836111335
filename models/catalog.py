"""The catalog: every task, entry and model, read from their folders again whenever something in them has changed.

Tasks are files in `models/tasks/`, entries are files in `models/zoo/`. Models are checkpoint folders: shipped with the
clone, or in ZOO_HOME (a user's own and those pulled from the Hub). Only `config.json` is read here.
"""

import difflib
import importlib
import os
import pkgutil
import re
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from models import paths, runs, store
from models.checkpoint import Checkpoint, stamp
from models.config import Config, Figure
from models.entry import Entry
from models.errors import BadCheckpoint, UnknownModel, ZooError
from models.huggingface import cache as hub
from models.huggingface.names import is_id
from models.task import Task

RESERVED = frozenset(
    "models lessons lab api widgets healthz app auth component media static".split()
)  # parts of addresses, not allowed as slugs


ORIGINS: tuple[Literal["shipped", "mine", "hub"], ...] = ("shipped", "mine", "hub")
SETTLING = 100_000_000  # nanoseconds after a change during which another one might get the same time


@dataclass(frozen=True, eq=False)
class Model:
    """One checkpoint folder.

    id: the name to load it by; task: its task, shared with other models that have the same labels.
    """

    id: str
    origin: Literal["shipped", "mine", "hub"]
    path: Path
    config: Config
    task: Task

    @property
    def slug(self) -> str:
        return self.config.slug

    @property
    def title(self) -> str:
        return self.config.title

    @property
    def figure(self) -> Figure | None:
        """The headline figure: on the task's first data set, otherwise on any; None if the model was not tested."""
        figures = self.config.figures
        of_task = (figures[name] for name in self.task.datasets if name in figures)
        return next(of_task, next(iter(figures.values()), None))

    @property
    def accuracy(self) -> float:
        """The accuracy of the headline figure, 0 if there is none."""
        return self.figure.accuracy if self.figure else 0.0


@cache
def _declared(package: str, attribute: str) -> dict[str, Any]:
    """What each module of `package` declares as `attribute`, by slug. Raises ZooError if two declare the same slug."""
    by_slug: dict[str, Any] = {}
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        declared = getattr(importlib.import_module(f"{package}.{module.name}"), attribute)
        if declared.slug in by_slug or declared.slug in RESERVED:
            raise ZooError(
                f"{package}.{module.name} declares the slug {declared.slug!r}, which is already taken; choose another."
            )
        by_slug[declared.slug] = declared
    return by_slug


def entries() -> dict[str, Entry]:
    """Every entry by slug."""
    return dict(_declared("models.zoo", "ENTRY"))


def entry(slug: str) -> Entry:
    """The entry with this slug. Raises UnknownModel with similar slugs."""
    return _lookup(slug, entries(), "entry")


def is_taken(slug: str) -> bool:
    """Whether this slug names an entry, a task or an address, or contains `--`, reserved for models of the Hub."""
    return slug in entries() or slug in _declared("models.tasks", "TASK") or slug in RESERVED or "--" in slug


def tasks() -> dict[str, Task]:
    """Every task that has a model, by slug: the shipped tasks, then those defined only by a user's own checkpoint."""
    with_models = {model.task.slug: model.task for model in models()}
    return {slug: task for slug, task in all_tasks().items() if slug in with_models}


def is_own_task(slug: str) -> bool:
    """Whether a task is defined only by checkpoints, such as those of a user's own examples."""
    return slug not in _declared("models.tasks", "TASK")


def all_tasks() -> dict[str, Task]:
    """Every task by slug, including those without a model."""
    return _declared("models.tasks", "TASK") | {model.task.slug: model.task for model in models()}


def task(slug: str) -> Task:
    """The task with this slug, even if it has no model. Raises UnknownModel with similar slugs."""
    return _lookup(slug, all_tasks(), "task")


def models(task: str | None = None) -> list[Model]:
    """Every usable model, or those of one task, sorted by task, then by accuracy. Damaged ones are in `problems`."""
    selected = [model for model in _scan().values() if isinstance(model, Model) and task in (None, model.task.slug)]
    order = list(_declared("models.tasks", "TASK"))
    rank = {slug: index for index, slug in enumerate(order)}
    return sorted(selected, key=lambda m: (rank.get(m.task.slug, len(rank)), m.task.slug, -m.accuracy, m.id))


def problems() -> dict[str, str]:
    """Checkpoint folders that cannot be used: id and error sentence."""
    return {id: str(problem) for id, problem in _scan().items() if isinstance(problem, BadCheckpoint)}


def find(id: str) -> Model:
    """The model with this id. Raises UnknownModel with similar ids, BadCheckpoint if its folder is damaged."""
    last = _last
    models = last.models if last and id in last.folders and last.is_current(id) else _scan()
    model = _lookup(id, models, "model")
    if isinstance(model, BadCheckpoint):
        raise model
    return model


def removable_folder(id: str) -> Path:
    """The folder of a user's own model or one from the Hub, even if damaged, or of a training run without a model.

    Raises UnknownModel, or ZooError if it is shipped or being trained.
    """
    if running := [run for run in runs.of_model(id) if run.state == "running"]:
        raise ZooError(f"{id} is being trained (process {running[0].pid}); stop that first.")
    by_id = _scan()
    if id not in by_id and (of_runs := runs.folders_of(id)):
        return of_runs[0]  # of a training that failed or was killed
    if is_id(id) and hub.root(id).is_dir():
        return hub.root(id)  # also of a pull that was killed
    model = _lookup(id, by_id, "model")
    if is_id(id):
        return hub.root(id)
    if isinstance(model, BadCheckpoint):
        if id not in {folder.name for folder in paths.user_checkpoints().glob("*")}:
            raise model
    elif model.origin != "mine":
        raise ZooError(
            f"{id} ships with the Zoo and cannot be removed; choose a model of your own or one from the Hub."
        )
    return paths.user_checkpoints() / id


def remove(id: str) -> None:
    """Remove a user's own model, with its runs and what is stored about its examples, or a model from the Hub.

    It disappears from the catalog atomically, before its files are deleted.
    """
    folder = removable_folder(id)
    if is_id(id):
        return hub.remove(id)
    for each in {folder, *runs.folders_of(id), paths.data_home() / "examples" / id}:
        paths.remove_atomically(each)


@dataclass(frozen=True)
class _Snapshot:
    """What the folders contained.

    state: of each watched file and folder, as `_state` returns it. folders: the index in `watched` of the folder of
    each model that is not from the Hub; its config.json follows.
    """

    models: dict[str, Model | BadCheckpoint]
    watched: tuple[str, ...]
    state: tuple[Any, ...]
    settled: bool  # False: a change might not show in the state, since the clock of the file system is coarse
    folders: dict[str, int]

    def is_current(self, id: str | None = None) -> bool:
        """Whether nothing has changed, or for one of `folders`: no model was added or removed, nor this one changed.

        A request to predict asks only for one, with 5 files to look at in place of 39.
        """
        roots = _roots()
        if not self.settled or self.watched[: len(roots)] != roots:
            return False
        if id is None:
            return _state(self.watched) == self.state
        first, index = len(roots), self.folders[id]
        return _state(roots) == self.state[:first] and (
            _state(self.watched[index : index + 2]) == self.state[index : index + 2]
        )


_last: _Snapshot | None = None


def _scan() -> dict[str, Model | BadCheckpoint]:
    """Every model by id, read again only if a folder of models, a pointer or a config.json has changed."""
    global _last
    last = _last
    if last and last.is_current():
        return last.models
    _last = snapshot = _read(_roots())
    return snapshot.models


def _roots() -> tuple[str, ...]:
    return str(paths.SHIPPED), str(paths.user_checkpoints()), str(paths.hub_cache())


def _read(roots: tuple[str, ...]) -> _Snapshot:
    started = time.time_ns()
    by_id: dict[str, Model | BadCheckpoint] = {}
    known = dict(_declared("models.tasks", "TASK"))
    watched, folders = list(roots), []
    for origin, root in zip(ORIGINS, roots, strict=True):
        try:
            if origin == "hub":
                folders += [(id, origin, folder) for id, folder in hub.models()]
                watched += map(str, paths.listed(paths.hub_cache()))
            else:
                folders += [(path.name, origin, path) for path in paths.listed(Path(root)) if _is_model(path)]
        except BadCheckpoint as error:
            by_id[Path(root).name] = error
    before = _state(watched)
    by_folder: dict[str, int] = {}
    for id, origin, folder in folders:
        files = [str(folder), str(_config_file(folder))]  # replacing a file in a folder changes the folder's time too
        if origin != "hub":
            by_folder.setdefault(id, len(watched))
        watched += files
        before += _state(files)
        if id not in by_id:
            by_id[id] = _model(id, origin, folder, known)
    # A time in the future (the clock was set back) is as settled as one long ago: a change would get another time.
    first, last = started - SETTLING, time.time_ns() + SETTLING
    settled = not any(first <= times[0] <= last for times in before if times)
    return _Snapshot(by_id, tuple(watched), before, settled, by_folder)


def _is_model(path: Path) -> bool:
    with suppress(OSError):  # a link into a folder that may not be entered
        return path.is_dir() and not path.name.startswith((".", "_"))
    return True


def _config_file(folder: Path) -> Path:
    try:
        return store.resolve(folder) / "config.json"
    except BadCheckpoint:
        return folder / "config.json"


def _state(watched: Iterable[str]) -> tuple[Any, ...]:
    """Time of the last change in nanoseconds, size and inode of each file or folder; None for what is not there."""
    return tuple(map(_status, watched))


def _status(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return max(status.st_mtime_ns, status.st_ctime_ns), status.st_size, status.st_ino


def _model(
    id: str, origin: Literal["shipped", "mine", "hub"], folder: Path, known: dict[str, Task]
) -> Model | BadCheckpoint:
    """The model in `folder`, or what is wrong with it. A new task that it defines is added to `known`."""
    try:
        config = _config(folder, stamp(folder))
        task = _shared_task(id, origin, Task.from_dict(config.task), known)
    except BadCheckpoint as error:
        return error
    known.setdefault(task.slug, task)
    return Model(id, origin, folder, config, task)


@cache
def _config(folder: Path, stamp: tuple[Any, ...]) -> Config:
    return Checkpoint.open(folder).config


def _shared_task(id: str, origin: str, carried: Task, known: dict[str, Task]) -> Task:
    """The known task with this slug if input kind and labels match; otherwise a new task named after the model's id.

    A model from the Hub cannot introduce a new slug, so that it cannot occupy one; a user's own model can.
    """
    task = known.get(carried.slug, carried)
    is_new_from_hub = origin == "hub" and carried.slug not in known
    if is_new_from_hub or (task.input, set(task.labels)) != (carried.input, set(carried.labels)):
        slug = re.sub(r"[^a-z0-9]", "-", id.lower().replace("/", "--")).strip("-")[:100]
        task = replace(carried, slug=slug)
    if not task.slug or task.slug in RESERVED or known.get(task.slug, task) is not task:
        raise BadCheckpoint(
            f"{id} defines a task {task.slug!r}, which is already taken; rename its folder or use another task."
        )
    return task


def _lookup(name: str, known: dict[str, Any], what: str) -> Any:
    if name in known:
        return known[name]
    if what == "model" and is_id(name) and hub.canonical(name) in known:
        return known[hub.canonical(name)]
    if what == "model" and is_id(name):
        raise UnknownModel(f"There is no model {name!r} on this machine; if it is on the Hub, run zoo pull {name}.")
    similar = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = (
        f"did you mean {', '.join(similar[:-2] + [' or '.join(similar[-2:])])}?"
        if similar
        else f"choose one of: {', '.join(sorted(known)) or 'none yet'}."
    )
    raise UnknownModel(f"There is no {what} {name[:60]!r}; {hint}")
