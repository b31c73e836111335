"""How a visitor gives an input, one module an input kind, found by the task's `input`.

Each module has
    given(task) -> raw input or None          what there is now, read before anything is drawn
    show(task, evidence=None) -> None         the way in, with evidence laid over it: (Evidence, label, canonical input)
    example(raw, says) -> str                 an example as a small picture (HTML)
"""

from importlib import import_module
from types import ModuleType

from models.task import Task


def kind(task: Task) -> ModuleType:
    """The module of the task's input kind."""
    return import_module(f"{__name__}.{task.input}")
