"""Compares training runs: hyperparameters in which they differ, and mean and spread over the seeds of equal recipes.

`zoo runs` and the lab show the same figures, from here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.runs import Run


@dataclass(frozen=True)
class Group:
    """Finished runs with equal recipes, which differ in their seeds alone.

    mean, spread: of the accuracy on the validation set: the mean, and the sample standard deviation, None for one run.
    """

    runs: tuple["Run", ...]
    mean: float
    spread: float | None

    @property
    def seeds(self) -> list[int]:
        """The seeds, in order."""
        return sorted(run.seed for run in self.runs)


def differing(runs: Sequence["Run"]) -> list[str]:
    """The hyperparameters that do not have the same value in all runs, in the order of the recipe. Not the seed."""
    names = dict.fromkeys(name for run in runs for name in run.recipe)
    return [name for name in names if any(run.recipe.get(name) != runs[0].recipe.get(name) for run in runs)]


def columns(runs: Sequence["Run"]) -> list[str]:
    """Those of `differing` that some run has changed from its entry's recipe.

    Without that condition, runs of different entries would differ in nearly all of them.
    """
    changed = {name for run in runs for name in run.changed}
    return [name for name in differing(runs) if name in changed]


def difference(runs: Sequence["Run"]) -> dict[str, list[Any]]:
    """What differs between runs: entry, hyperparameters and seed, with the value in each run, in the runs' order."""
    rows: dict[str, list[Any]] = {"entry": [run.entry for run in runs]}
    rows |= {name: [run.recipe.get(name) for run in runs] for name in differing(runs)}
    rows["seed"] = [run.seed for run in runs]
    return {name: values for name, values in rows.items() if any(value != values[0] for value in values)}


def over_seeds(runs: Sequence["Run"]) -> list[Group]:
    """The runs that have an accuracy, grouped by entry and recipe, the best mean first."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        if run.accuracy is not None and run.state == "finished":
            groups.setdefault(repr((run.entry, sorted(run.recipe.items()))), []).append(run)
    return sorted((_group(each) for each in groups.values()), key=lambda group: -group.mean)


def _group(runs: list["Run"]) -> Group:
    shares = [run.accuracy or 0.0 for run in runs]
    mean = sum(shares) / len(shares)
    spread = sqrt(sum((share - mean) ** 2 for share in shares) / (len(shares) - 1)) if len(shares) > 1 else None
    return Group(tuple(runs), mean, spread)
