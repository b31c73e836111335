"""The catalog: every task, entry and model there is, found in their folders and looked at afresh when asked.

Tasks are files in `models/tasks/`, entries files in `models/zoo/`; models are checkpoint folders, shipped with the
clone or one's own or pulled from the Hub, in ZOO_HOME. Only `config.json` is read here.
"""

import difflib
import importlib
import pkgutil
import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from models import paths
from models.checkpoint import Checkpoint, stamp
from models.config import Config, Figure
from models.entry import Entry
from models.errors import BadCheckpoint, UnknownModel, ZooError
from models.huggingface import cache as pulled
from models.huggingface.names import is_id
from models.task import Task

RESERVED = frozenset("models api widgets healthz app auth component media static".split())  # addresses, so no slugs


@dataclass(frozen=True, eq=False)
class Model:
    """One checkpoint folder.

    id: what it is loaded by; task: the one it answers, joined with others where the labels are the same.
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
        """The headline figure: on the task's first data set, else on any; None where nothing was tested yet."""
        figures = self.config.figures
        named = (figures[name] for name in self.task.datasets if name in figures)
        return next(named, next(iter(figures.values()), None))

    @property
    def accuracy(self) -> float:
        """The headline figure's accuracy, 0 where there is none."""
        return self.figure.accuracy if self.figure else 0.0


@cache
def _declared(package: str, attribute: str) -> dict[str, Any]:
    """What each module of `package` declares as `attribute`, by slug. Two of one slug raise."""
    found: dict[str, Any] = {}
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        declared = getattr(importlib.import_module(f"{package}.{module.name}"), attribute)
        if declared.slug in found or declared.slug in RESERVED:
            raise ZooError(
                f"{package}.{module.name} declares the slug {declared.slug!r}, which is taken; choose another."
            )
        found[declared.slug] = declared
    return found


def entries() -> dict[str, Entry]:
    """Every entry by slug."""
    return dict(_declared("models.zoo", "ENTRY"))


def entry(slug: str) -> Entry:
    """The entry of that slug. Raises UnknownModel with near ones."""
    return _named(slug, entries(), "entry")


def is_taken(slug: str) -> bool:
    """Whether the zoo uses this slug for an entry, task or address, or reserves it for models of the Hub (`--`)."""
    return slug in entries() or slug in _declared("models.tasks", "TASK") or slug in RESERVED or "--" in slug


def tasks() -> dict[str, Task]:
    """Every task that some model answers, by slug.

    The zoo's own, then those that only a checkpoint of one's own brings.
    """
    answered = {model.task.slug: model.task for model in models()}
    return {slug: task for slug, task in all_tasks().items() if slug in answered}


def all_tasks() -> dict[str, Task]:
    """Every task by slug, those that no model answers yet among them."""
    return _declared("models.tasks", "TASK") | {model.task.slug: model.task for model in models()}


def task(slug: str) -> Task:
    """The task of that slug, answered or not. Raises UnknownModel with near ones."""
    return _named(slug, all_tasks(), "task")


def models(task: str | None = None) -> list[Model]:
    """Every model that can be listed, or those of one task; the most accurate first within a task.

    Damaged ones are in `problems`.
    """
    found = [model for model in _scan().values() if isinstance(model, Model) and task in (None, model.task.slug)]
    order = list(_declared("models.tasks", "TASK"))
    rank = {slug: index for index, slug in enumerate(order)}
    return sorted(found, key=lambda m: (rank.get(m.task.slug, len(rank)), m.task.slug, -m.accuracy, m.id))


def problems() -> dict[str, str]:
    """Checkpoint folders that cannot be used: id and the sentence that says why."""
    return {id: str(problem) for id, problem in _scan().items() if isinstance(problem, BadCheckpoint)}


def find(id: str) -> Model:
    """The model of that id. Raises UnknownModel with near ones, BadCheckpoint for a folder that is damaged."""
    found = _named(id, _scan(), "model")
    if isinstance(found, BadCheckpoint):
        raise found
    return found


def own_folder(id: str) -> Path:
    """The folder of a model of one's own or from the Hub, a damaged one too.

    Raises UnknownModel, or ZooError for a shipped one.
    """
    found = _named(id, _scan(), "model")
    if is_id(id):
        return pulled.root(id)
    if isinstance(found, BadCheckpoint):
        if id not in {folder.name for folder in paths.user_checkpoints().glob("*")}:
            raise found
    elif found.origin != "mine":
        raise ZooError(f"{id} ships with the zoo and stays; only models of your own and of the Hub can be removed.")
    return paths.user_checkpoints() / id


def remove(id: str) -> None:
    """Take away a model of one's own or from the Hub.

    At once for all who look, then its files, and what its training left in ZOO_HOME/runs.
    """
    folder = own_folder(id)
    if is_id(id):
        return pulled.remove(id)
    for one in (folder, paths.data_home() / "runs" / id):
        paths.remove_atomically(one)


def _scan() -> dict[str, Model | BadCheckpoint]:
    found: dict[str, Model | BadCheckpoint] = {}
    known = dict(_declared("models.tasks", "TASK"))
    for origin, root in (("shipped", paths.SHIPPED), ("mine", paths.user_checkpoints())):
        for folder in sorted(root.iterdir()) if root.is_dir() else ():
            if folder.is_dir() and not folder.name.startswith((".", "_")) and folder.name not in found:
                found[folder.name] = _model(folder.name, origin, folder, known)
    for id, folder in pulled.models():
        found[id] = _model(id, "hub", folder, known)
    return found


def _model(
    id: str, origin: Literal["shipped", "mine", "hub"], folder: Path, known: dict[str, Task]
) -> Model | BadCheckpoint:
    """The model in `folder`, or what is wrong with it; a task that it brings is added to the `known` ones."""
    try:
        config = _config(folder, stamp(folder))
        task = _joined(id, origin, Task.from_dict(config.task), known)
    except BadCheckpoint as error:
        return error
    known.setdefault(task.slug, task)
    return Model(id, origin, folder, config, task)


@cache
def _config(folder: Path, stamp: tuple[Any, ...]) -> Config:
    return Checkpoint.open(folder).config


def _joined(id: str, origin: str, carried: Task, known: dict[str, Task]) -> Task:
    """The known task of that slug where input and set of labels are the same.

    Else a task of its own, under the model's id.

    A slug that nobody has here yet is taken from one's own models alone, so that what was pulled cannot occupy it.
    """
    same = known.get(carried.slug, carried)
    fresh = origin == "hub" and carried.slug not in known
    if fresh or (same.input, set(same.labels)) != (carried.input, set(carried.labels)):
        slug = re.sub(r"[^a-z0-9]", "-", id.lower().replace("/", "--")).strip("-")[:100]
        same = replace(carried, slug=slug)
    if not same.slug or same.slug in RESERVED or known.get(same.slug, same) is not same:
        raise BadCheckpoint(
            f"{id} brings a task {same.slug!r}, which is taken; rename its folder or train it for another."
        )
    return same


def _named(name: str, known: dict[str, Any], what: str) -> Any:
    if name in known:
        return known[name]
    if what == "model" and is_id(name):
        raise UnknownModel(f"There is no model {name!r} on this machine; zoo pull {name} fetches it if the Hub has it.")
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(sorted(known)) or 'none yet'}."
    raise UnknownModel(f"There is no {what} {name[:60]!r}; {hint}")
