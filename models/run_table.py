"""Compares training runs: what differs between them, which to show, in which order, and their mean over seeds."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from models.errors import ZooError
from models.runs import Run

FIELDS = ("id", "model", "entry", "task", "sweep", "state", "seed", "epoch", "n", "accuracy", "loss", "seconds")
FIELDS += ("created", "note")
DESCENDING = ("accuracy", "created")  # the best, and the newest, first


@dataclass(frozen=True)
class Group:
    """Runs that differ only in their seed. mean, std: of their accuracies; std with n - 1."""

    runs: tuple[Run, ...]
    mean: float
    std: float


def value_of(run: Run, name: str) -> Any:
    """A field of a run's record, or a hyperparameter; None if it has none of that name."""
    return getattr(run, name) if name in FIELDS else run.recipe.get(name)


def differing(runs: Sequence[Run]) -> list[str]:
    """The hyperparameters worth a column: those that were changed, or differ between two runs of the same entry.

    Of several runs, what is the same in all of them is left out.
    """
    first: dict[str, dict[str, Any]] = {}
    names: dict[str, None] = {}
    for run in runs:
        usual = first.setdefault(run.entry, run.recipe)
        for name, value in run.recipe.items():
            if name in run.changed or usual.get(name, value) != value:
                names[name] = None
    in_order = dict.fromkeys(name for run in runs for name in run.recipe)
    return [name for name in in_order if name in names and (len(runs) == 1 or _differs(name, runs))]


def difference(runs: Sequence[Run]) -> list[str]:
    """Every hyperparameter that is not the same in all `runs`."""
    return [name for name in dict.fromkeys(name for run in runs for name in run.recipe) if _differs(name, runs)]


def _differs(name: str, runs: Sequence[Run]) -> bool:
    return len({json.dumps(_plain(run.recipe.get(name))) for run in runs}) > 1


def _plain(value: Any) -> Any:
    """1 and 1.0 are the same value."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def matching(runs: Sequence[Run], conditions: Sequence[str]) -> list[Run]:
    """The runs for which all conditions hold, such as "lr=0.01" or "state=finished". Raises ZooError for others."""
    selected = list(runs)
    for condition in conditions:
        name, equals, expected = condition.partition("=")
        if not equals:
            raise ZooError(f"The filter {condition!r:.80} has no equals sign; write NAME=VALUE, such as lr=0.01.")
        name = known(name.strip(), runs)
        selected = [run for run in selected if _is(value_of(run, name), expected.strip())]
    return selected


def _is(value: Any, expected: str) -> bool:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(expected) == value
        except ValueError:
            return False
    return expected.lower() in {cell(value).lower(), str(value).lower()}


def in_order(runs: Sequence[Run], by: str, reverse: bool = False) -> list[Run]:
    """The runs sorted by a field or hyperparameter; those without a value come last. Raises ZooError for others.

    The most accurate and the newest come first, otherwise the smallest value; reverse: the other way around.
    """
    by = known(by, runs)
    there = [run for run in runs if value_of(run, by) is not None]
    numbers = all(isinstance(value_of(run, by), int | float) for run in there)

    def key(run: Run) -> Any:
        return value_of(run, by) if numbers else cell(value_of(run, by))

    there.sort(key=key, reverse=(by in DESCENDING) != reverse)
    return there + [run for run in runs if value_of(run, by) is None]


def known(name: str, runs: Sequence[Run]) -> str:
    """The name of a field or hyperparameter, also as an option spells it. Raises ZooError with similar names."""
    plain = name.lstrip("-").replace("-", "_")
    names = dict.fromkeys([*FIELDS, *(name for run in runs for name in run.recipe)])
    if plain in names or (not runs and plain):
        return plain
    similar = get_close_matches(plain, names, n=1)
    hint = f"did you mean {similar[0]}?" if similar else f"expected one of {', '.join(names)}."
    raise ZooError(f"Runs have no {name!r:.80}; {hint}")


def groups(runs: Sequence[Run]) -> list[Group]:
    """The runs that differ only in their seed, with at least two seeds, each with the mean of its accuracies."""
    by_recipe: dict[str, list[Run]] = {}
    for run in runs:
        if run.accuracy is not None and run.state == "finished":
            same = [run.entry, run.task, run.n, {name: _plain(value) for name, value in sorted(run.recipe.items())}]
            by_recipe.setdefault(json.dumps(same), []).append(run)
    found = []
    for members in by_recipe.values():
        by_seed = {run.seed: run for run in reversed(members)}
        accuracies = [run.accuracy for run in by_seed.values()]
        if len(accuracies) > 1:
            one_each = tuple(by_seed[seed] for seed in sorted(by_seed))
            found.append(Group(one_each, statistics.fmean(accuracies), statistics.stdev(accuracies)))
    return found


def cell(value: Any) -> str:
    """A value as text for a table."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
