"""Photos to try: some of a task's test part where the data root has it, else those that travel with the task."""

from functools import cache
from pathlib import Path
from typing import Any

from models.errors import BadInput
from models.inputs import picture
from models.paths import data_root
from models.task import Task

EXAMPLES = 3


def photos(task: Task) -> list[tuple[str, Any]]:
    """Photos of a task of pictures, (title, raw), every one of which can be read."""
    root = data_root()
    found = list(_local(root, task.datasets[0], task.labels)) if root and task.datasets else []
    return found or [(example.title, example.raw) for example in task.examples[:EXAMPLES]]


@cache
def _local(root: Path, dataset: str, labels: tuple[str, ...]) -> tuple[tuple[str, Path], ...]:
    """The first photo of some of the labels; none of them is named, that is the question.

    A task may have come from elsewhere: what is no plain name leads out of the data root, and is not followed.
    """
    if any(Path(name).name != name for name in (dataset, *labels)):
        return ()
    firsts = [next(iter(sorted((root / dataset / "test" / label).glob("*.jpg"))), None) for label in labels]
    there = [path for path in firsts if path]
    chosen = filter(_is_whole, there[:: max(1, len(there) // EXAMPLES)][:EXAMPLES])
    return tuple((f"a photo, number {number}", path) for number, path in enumerate(chosen, 1))


def _is_whole(path: Path) -> bool:
    try:
        picture.read(path)
    except BadInput:
        return False
    return True
