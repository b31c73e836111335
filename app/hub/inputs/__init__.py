"""The inputs of a task page, one module per input kind, found by the task's `input`.

Each module has
    OVERLAID: bool                            True: evidence is drawn over the input; False: in each column
    BESIDE: bool                              True: the answers stand beside the input; False: below it
    current(task) -> canonical input or None  this visit's input, read before anything is drawn; may raise a ZooError
    input_id(task) -> str                     identifies this visit's input; another input has another id
    problem(task) -> str                      why the last input was refused, if it was
    show(task, evidence=None) -> None         draw the input; evidence: (Evidence, label), drawn over it if OVERLAID
    column(model, raw, label, colour) -> str  HTML for a model's column, between its answer and its bars
    example(task, raw, alt, side) -> str      an example as a small picture (HTML)
    set_input(task, raw) -> dict[str, str]    make `raw` this visit's input; returns the query parameters for the task's
                                              page
"""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from models.errors import ZooError
from models.task import Task


def kind(task: Task) -> ModuleType:
    """The module of the task's input kind. Raises ZooError if there is none."""
    if find_spec(f"{__name__}.{task.input}") is None:
        raise ZooError(f"This page does not support {task.input} inputs yet. Use Python, the command line or REST.")
    return import_module(f"{__name__}.{task.input}")
