"""Calls to the training package, whose requirements may not be installed."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from models.errors import ZooError

TOOLS = (
    "This command needs {missing}, which is not installed. Run make train-tools, or pip install -r "
    "requirements-train.txt."
)


@contextmanager
def training_tools() -> Iterator[None]:
    """A context in which a missing package raises a ZooError that says how to install it."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] in sys.stdlib_module_names | {"app", "models", "training"}:
            raise  # a bug
        raise ZooError(TOOLS.format(missing=error.name)) from error
