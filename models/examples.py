"""Example photos: from a task's test set if the data root has it, otherwise those that come with the task."""

from functools import cache
from pathlib import Path
from typing import Any

from models.errors import BadInput
from models.inputs import picture
from models.paths import data_root
from models.task import Task

MAX_EXAMPLES = 3


def photos(task: Task) -> list[tuple[str, Any]]:
    """Example photos of a picture task as (title, raw). All of them can be read."""
    root = data_root()
    local = list(_local(root, task.datasets[0], task.labels)) if root and task.datasets else []
    return local or [(example.title, example.raw) for example in task.examples[:MAX_EXAMPLES]]


@cache
def _local(root: Path, dataset: str, labels: tuple[str, ...]) -> tuple[tuple[str, Path], ...]:
    """The first photo of some of the labels; the titles do not give the label away.

    A task from the Hub is untrusted: a name that is not a plain file name could lead out of the data root, and
    is ignored.
    """
    if any(Path(name).name != name for name in (dataset, *labels)):
        return ()
    firsts = [next(iter(sorted((root / dataset / "test" / label).glob("*.jpg"))), None) for label in labels]
    present = [path for path in firsts if path]
    chosen = filter(_is_readable, present[:: max(1, len(present) // MAX_EXAMPLES)][:MAX_EXAMPLES])
    return tuple((f"photo {number}", path) for number, path in enumerate(chosen, 1))


def _is_readable(path: Path) -> bool:
    try:
        picture.read(path)
    except BadInput:
        return False
    return True
