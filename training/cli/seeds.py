"""`zoo train ID --seeds 0,1,2`: one run per seed, their figures, and the mean and spread over them."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from models.console import percent
from models.errors import ZooError
from training.cli.options import MAX_SEED

if TYPE_CHECKING:
    from models.runs import Run

MAX_SEEDS = 100
REASONS = {
    "seed": "--seed is one of the seeds; list all of them in --seeds",
    "examples": "few examples are cross-validated, which tells more than other seeds do",
    "few": "each seed would draw other examples",
    "out": "the runs of all seeds are in ZOO_HOME/runs",
    "resume": "--seeds continues where it was interrupted",
}
ALONE = "--ray trains several seeds at a time; name them with --seeds, such as --seeds 0,1,2."


def check_single(options: Mapping[str, Any]) -> None:
    """Raise ZooError if an option is set that --seeds excludes. options: those of REASONS; None if not set."""
    for name, reason in REASONS.items():
        if options[name] is not None:
            raise ZooError(f"--seeds and --{name} cannot be combined: {reason}; omit one of them.")


def parsed(text: str) -> list[int]:
    """The seeds in a list such as "0,1,2". Raises ZooError."""
    try:
        seeds = [int(part) for part in text.split(",")]
    except ValueError:
        seeds = []
    if not 2 <= len(seeds) <= MAX_SEEDS or not all(0 <= seed <= MAX_SEED for seed in seeds):
        raise ZooError(
            f"--seeds is {text!r:.40}; expected 2 to {MAX_SEEDS} whole numbers from 0 to {MAX_SEED:,}, such as 0,1,2."
        )
    repeated = next((seed for index, seed in enumerate(seeds) if seed in seeds[:index]), None)
    if repeated is not None:
        raise ZooError(f"--seeds lists {repeated} twice; name each seed once.")
    return seeds


def train_seeds(
    entry: str,
    name: str,
    title: str | None,
    license: str | None,
    data: Path | None,
    device: str | None,
    recipe: dict[str, Any],
    seeds: list[int],
    *,
    ray: str | None,
    test: bool,
) -> None:
    """Train what has not been trained yet, and print a line for each seed, the mean, and the folder of the model.

    name: the id of the model. ray: the address of the cluster to train on, if it is not this process. test: whether
    each seed is tested. Ctrl-C ends the command with exit code 130.
    """
    from models import catalog
    from training import recipe as recipes
    from training.naming import checked_title, free_name

    recipes.changed(catalog.entry(entry), recipe)  # before torch is imported, which takes seconds
    free_name(name)
    from training import seeds as training

    model = training.Model(entry, name, checked_title(title), license, data, device, recipe)
    trained: dict[int, Run] = {}
    try:
        for seed, run in _runs(model, seeds, ray):
            trained[seed] = run
            if test:
                training.measure(model, run)
            print(f"Seed {seed}: {_figures(training, run)}.", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print(
            f"Interrupted: {len(trained)} of {len(seeds)} seeds are trained. Run the same command again to continue.",
            file=sys.stderr,
        )
        raise typer.Exit(130) from None
    in_order = [trained[seed] for seed in seeds]
    folder = training.keep_first(model, in_order)
    for line in _table(training, seeds, in_order):
        print(line)
    print(folder, flush=True)
    print(f"The model {name} is the run with seed {seeds[0]}, the first, whatever its figures are.", file=sys.stderr)


def _runs(model: Any, seeds: list[int], ray: str | None) -> Any:
    """Yield each seed with its run as it is finished."""
    from training import seeds as training

    missing = []
    for seed in seeds:
        run = training.earlier(model, seed)
        if training.is_trained(run):
            print(f"Seed {seed} was trained before.", file=sys.stderr)
            yield seed, run
        else:
            missing.append(seed)
    if missing and ray is not None:
        from training import parallel_seeds

        listed = f"{', '.join(map(str, missing[:-1]))} and {missing[-1]}" if len(missing) > 1 else f"{missing[0]}"
        print(f"Training seed{'s' * (len(missing) > 1)} {listed} on Ray.", file=sys.stderr, flush=True)
        yield from parallel_seeds.train_seeds(model, missing, ray)
        return
    for seed in missing:
        print(f"Seed {seed}", file=sys.stderr, flush=True)
        yield seed, training.train_seed(model, seed)


def _figures(training: Any, run: "Run") -> str:
    found = [f"validation {percent(run.accuracy)}"] if run.accuracy is not None else []
    found += [f"{name} {percent(accuracy)}" for name, accuracy in training.accuracies_of(run).items()]
    return ", ".join(found)


def _table(training: Any, seeds: list[int], trained: "list[Run]") -> list[str]:
    """A line per seed and one for the mean ± standard deviation; a column for validation and for each test set."""
    from models.console import table

    columns = [{"validation": run.accuracy, **training.accuracies_of(run)} for run in trained]
    names = list(dict.fromkeys(name for column in columns for name in column))
    heading = ["seed", "validation", *(f"test on {name}" for name in names[1:])]
    lines = [heading]
    for seed, column in zip(seeds, columns, strict=True):
        lines.append([str(seed), *("" if column.get(name) is None else percent(column[name]) for name in names)])
    means = []
    for name in names:
        accuracies = [column[name] for column in columns if column.get(name) is not None]
        mean, std = training.spread(accuracies) if len(accuracies) > 1 else (None, None)
        means.append("" if mean is None else f"{percent(mean)} ± {100 * std:.1f}")
    lines.append(["mean", *means])
    return [*table(lines, right=tuple(range(len(heading)))).splitlines()]
