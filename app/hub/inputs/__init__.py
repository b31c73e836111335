"""How a visitor gives an input, one module an input kind, found by the task's `input`.

Each module has
    OVERLAID: bool                            whether evidence lies over the input itself, which then stands beside the answers;
                                              else the answers stand below it, the evidence in each model's column
    given(task) -> canonical input or None    what there is now, read before anything is drawn; may raise a ZooError
    which(task) -> str                        a name for what there is now; another input has another
    problem(task) -> str                      what was wrong with the last thing given, if that was not taken
    show(task, evidence=None) -> None         the way in, with evidence laid over it where it is OVERLAID: (Evidence, label)
    column(model, raw, label, colour) -> str  what stands in a model's column between its words and its bars (HTML)
    example(raw, says, side) -> str           an example as a small picture (HTML)
    take(task, raw) -> dict[str, str]         have `raw` stand on the task's page; returns what its address must say for that
"""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from models.errors import ZooError
from models.task import Task


def kind(task: Task) -> ModuleType:
    """The module of the task's input kind. Raises ZooError where there is none yet."""
    if find_spec(f"{__name__}.{task.input}") is None:
        raise ZooError(f"This page does not support {task.input} inputs yet. Use Python, the command line or REST.")
    return import_module(f"{__name__}.{task.input}")
