"""The data sets by name: every module of this package that has `DATASETS` adds its own.

One's own examples stand beside them for a while.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from difflib import get_close_matches
from functools import cache

from models.errors import ZooError
from training.data.dataset import Dataset

EXAMPLES = "examples"  # the name of one's own, which is no other set's

_own: ContextVar[Dataset | None] = ContextVar("own", default=None)


@contextmanager
def beside(own: Dataset) -> Iterator[None]:
    """Within it the data set called `examples` is this one, made of somebody's own examples (training/custom)."""
    token = _own.set(own)
    try:
        yield
    finally:
        _own.reset(token)


def has_own() -> bool:
    """Whether there are examples of somebody's own just now."""
    return _own.get() is not None


@cache
def datasets() -> dict[str, Dataset]:
    """All data sets, by name. Two of one name raise."""
    found: dict[str, Dataset] = {}
    for module in pkgutil.iter_modules(__path__):
        for dataset in getattr(importlib.import_module(f"{__name__}.{module.name}"), "DATASETS", ()):
            if dataset.name in found:
                raise ValueError(f"Two data sets are called {dataset.name!r}; the second is in {module.name}.py.")
            found[dataset.name] = dataset
    return found


def dataset(name: str) -> Dataset:
    """The data set of this name; an unknown one is a ZooError that suggests near ones."""
    known = datasets()
    if name == EXAMPLES:
        own = _own.get()
        if own is None:
            raise ZooError("Whose examples? Name where they lie with --examples.")
        return own
    if name not in known:
        near = get_close_matches(name, known, n=3) or sorted(known)
        raise ZooError(f"There is no data set {name!r}; did you mean {', '.join(near)}?")
    return known[name]
