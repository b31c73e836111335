"""The data sets by name: every module of this package that has `DATASETS` adds its own."""

import importlib
import pkgutil
from difflib import get_close_matches
from functools import cache

from models.errors import ZooError
from training.datasets.dataset import Dataset


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
    if name not in known:
        near = get_close_matches(name, known, n=3) or sorted(known)
        raise ZooError(f"There is no data set {name!r}; did you mean {', '.join(near)}?")
    return known[name]
