"""The data sets by name; every module of this package with `DATASETS` adds its own.

A user's own examples are one more data set, called `examples`.
"""

import importlib
import pkgutil
from difflib import get_close_matches
from functools import cache

from models.errors import ZooError
from training.data.dataset import DEFAULT, Dataset, Sources

EXAMPLES = "examples"  # the name of the data set of a user's own examples


@cache
def datasets() -> dict[str, Dataset]:
    """All data sets, by name. Raises ValueError if two have the same name."""
    by_name: dict[str, Dataset] = {}
    for module in pkgutil.iter_modules(__path__):
        for dataset in getattr(importlib.import_module(f"{__name__}.{module.name}"), "DATASETS", ()):
            if dataset.name in by_name:
                raise ValueError(f"Two data sets are called {dataset.name!r}; the second is in {module.name}.py.")
            by_name[dataset.name] = dataset
    return by_name


def dataset(name: str, sources: Sources = DEFAULT) -> Dataset:
    """The data set of this name. Raises ZooError for an unknown one, with similar names."""
    if name == EXAMPLES:
        if sources.examples is None:
            raise ZooError("No examples given; pass --examples PATH.")
        return sources.examples
    known = datasets()
    if name not in known:
        near = get_close_matches(name, known, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"choose one of: {', '.join(sorted(known))}."
        raise ZooError(f"There is no data set {name!r}; {hint}")
    return known[name]
