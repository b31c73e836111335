"""Around calls of the training package, which only the command line may import: what is not installed is said in one sentence."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from models.errors import ZooError

TOOLS = (
    "This needs {missing}, which serving does without. "
    "Install it: make train-tools, or pip install -r requirements-train.txt"
)


@contextmanager
def training_tools() -> Iterator[None]:
    """Around calls of the training package, which imports as it goes: what is not installed is said in one sentence."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] in sys.stdlib_module_names | {"app", "models", "training"}:
            raise  # a mistake of ours
        raise ZooError(TOOLS.format(missing=error.name)) from error
