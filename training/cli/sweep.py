"""`zoo sweep`: train an entry with many settings and compare them."""

import inspect
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from models import catalog, sweeps
from models.console import percent, table
from models.entry import Augment
from models.errors import ZooError
from models.paths import write_atomically
from models.runs import Run
from models.sweeps import Row, Sweep, value_text
from training.cli.options import AUGMENTATION, RECIPE, Data, Device, as_number
from training.recipe import bounds, flag, options
from training.sweeps.space import shown, space_of

MAX_SEEDS, MAX_SEARCH = 100, 1_000


def with_list_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command`, which takes `**settings`, an option for every hyperparameter that takes a list or a range."""
    signature = inspect.signature(command)
    declared = [parameter for parameter in signature.parameters.values() if parameter.kind is not parameter.VAR_KEYWORD]
    generated = []
    for name, field in options().items():
        limits = bounds(field)
        option = typer.Option(
            flag(name),
            metavar="VALUES",
            help=f"{field.description}{f' ({limits})' if limits else ''}.",
            rich_help_panel=AUGMENTATION if name in Augment.__pydantic_fields__ else RECIPE,
        )
        kind = inspect.Parameter.KEYWORD_ONLY
        generated.append(inspect.Parameter(name, kind, default=None, annotation=Annotated[str | None, option]))
    command.__signature__ = signature.replace(parameters=[*declared, *generated])
    return command


def _count(most: int) -> dict[str, Any]:
    return as_number(int, f"a whole number from 1 to {most:,}", lambda number: 1 <= number <= most)


@with_list_options
def sweep(
    entry: Annotated[str | None, typer.Argument(metavar="[ENTRY]", help="The entry to train.")] = None,
    seeds: Annotated[
        int | None,
        typer.Option(help="Train each setting with the seeds 0 to N-1 (default: 1).", **_count(MAX_SEEDS)),
    ] = None,
    search: Annotated[
        int | None,
        typer.Option(
            help="Try N settings that Optuna draws from lists and ranges, instead of all combinations of the lists.",
            **_count(MAX_SEARCH),
        ),
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(help="Figure of the validation set that decides: accuracy or val_loss (default: accuracy)."),
    ] = None,
    examples: Annotated[Path | None, typer.Option(help="Your own examples, as in zoo train.")] = None,
    text_column: Annotated[
        str | None, typer.Option(metavar="HEADING", help="With a CSV of examples: column of the texts.")
    ] = None,
    label_column: Annotated[
        str | None, typer.Option(metavar="HEADING", help="With a CSV of examples: column of the labels.")
    ] = None,
    csv: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the results as CSV, one line per run.")
    ] = None,
    resume: Annotated[str | None, typer.Option(metavar="SWEEP", help="Continue a sweep that was interrupted.")] = None,
    results: Annotated[
        str | None, typer.Option(metavar="SWEEP", help="Show the results of a sweep without training.")
    ] = None,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Train on Ray, as many runs at a time as there are cores. local starts it on this machine for this "
            "command; auto is the cluster that this machine belongs to; or HOST:PORT.",
        ),
    ] = None,
    data: Data = None,
    device: Device = None,
    **settings: str | None,
) -> None:
    """Train an entry with many settings and compare them on the validation set.

    Separate the values of a hyperparameter with commas; all combinations are trained. With --search N, Optuna draws N
    settings from the lists and from ranges such as 0.001..0.1, and stops a run early if it is worse than the median of
    the earlier ones at the same epoch. Without lists, it tries learning rates and batch sizes. The test set is not
    touched and no model is saved; the last line is the command that trains a model with the best setting.

    \b
    Examples:
      zoo sweep mnist-cnn --lr 0.001,0.01,0.1 --batch 32,128 --seeds 3
      zoo sweep mnist-cnn --datasets digits8x8 --epochs 10 --search 30 --metric val_loss
      zoo sweep names-gru --search 20 --lr 0.001..0.05 --label-smoothing 0..0.2
      zoo sweep letters-transfer --examples drawings/ --lr 0.001,0.01
      zoo sweep mnist-cnn --lr 0.001,0.01,0.1 --ray local
      zoo sweep --resume mnist-cnn-sweep
    """
    if sum(given is not None for given in (entry, resume, results)) != 1:
        raise typer.BadParameter("name an entry, or pass --resume SWEEP or --results SWEEP", param_hint="ENTRY")
    if entry is None:
        own = {"seeds": seeds, "search": search, "metric": metric, "examples": examples, "text_column": text_column}
        own |= {"label_column": label_column, "data": data, "device": device, **settings}
        own |= {"ray": ray} if results is not None else {}
        does = "--resume continues" if results is None else "--results shows"
        if set_here := [flag(name) for name, value in own.items() if value is not None]:
            raise ZooError(f"{does} the sweep as it was started; omit {', '.join(set_here)}.")
        plan = sweeps.read(resume if results is None else results)
    else:
        metric = "accuracy" if metric is None else metric
        if metric not in sweeps.METRICS:
            raise ZooError(f"--metric is {metric!r:.40}; expected {' or '.join(sweeps.METRICS)}.")
        columns = {"text": text_column, "label": label_column}
        plan = _planned(entry, settings, seeds or 1, search, metric, examples, columns, data, device)
    rows = _run(plan, ray) if results is None else sweeps.rows(plan)
    if csv is not None:
        write_atomically(csv, sweeps.to_csv(plan, rows))
    _show(plan, rows)


def _planned(
    slug: str,
    settings: dict[str, str | None],
    seeds: int,
    search: int | None,
    metric: str,
    examples: Path | None,
    columns: dict[str, str | None],
    data: Path | None,
    device: str | None,
) -> Sweep:
    """A new sweep; its file is written when it starts."""
    entry = catalog.entry(slug)
    if examples is None and any(columns.values()):
        raise ZooError("--text-column and --label-column name columns of your own examples; add --examples FILE.")
    if examples is not None and settings["datasets"] is not None:
        raise ZooError("--examples and --datasets cannot be combined; omit one of them.")
    space = space_of(entry, settings, search=search is not None)
    if search is None and not space.names:
        raise ZooError("Nothing to try: list values, such as --lr 0.001,0.01, or pass --search 20.")
    return Sweep(
        name=sweeps.free_name(slug),
        entry=slug,
        settings={name: text for name, text in settings.items() if text is not None},
        names=tuple(space.names),
        seeds=seeds,
        search=search,
        metric=metric,
        examples=str(examples.expanduser().absolute()) if examples else None,
        columns=columns if examples else {},
        data=data.expanduser().absolute() if data else None,
        device=device,
        created=time.time(),
    )


def _run(plan: Sweep, address: str | None) -> list[Row]:
    """Train what has not been trained yet. address: of the Ray cluster that does it; None for this process."""
    from training.sweeps.sweep import run_sweep
    from training.sweeps.trial import Trials, base_of

    base = base_of(plan)
    space = space_of(base.entry, plan.settings, search=plan.search is not None)
    sweeps.write(plan)
    count = plan.search or len(space.combinations)
    times = f", {plan.seeds} seeds each" if plan.seeds > 1 else ""
    print(f"{plan.name}: {count:,} setting{'s' if count != 1 else ''}{times}", file=sys.stderr)
    started, trained = time.monotonic(), 0

    def ended(run: Run, number: int, total: int) -> None:
        nonlocal trained
        trained += 1
        left = (time.monotonic() - started) / trained * (total - number)
        print(f"{number}/{total}  {_line(run, plan)}  {_duration(left)} left", file=sys.stderr, flush=True)

    try:
        if address is None:
            return run_sweep(plan, space, Trials(plan, base), ended)
        from training.sweeps import parallel

        return parallel.run_sweep(plan, space, Trials(plan, base), ended, address)
    except KeyboardInterrupt:
        rows = sweeps.rows(plan)
        if rows:
            _show(plan, rows)
        again = ["zoo", "sweep", "--resume", plan.name, *(["--ray", address] if address else [])]
        print(f"Interrupted. Continue: {shlex.join(again)}", file=sys.stderr)
        raise typer.Exit(130) from None


def _line(run: Run, plan: Sweep) -> str:
    """One run in a line: its settings and its figure, or why it has none."""
    seed = f", seed {run.seed}" if plan.seeds > 1 else ""
    settings = shown({name: run.recipe.get(name) for name in plan.names})
    return f"{settings}{seed}: {run.reason or run.state if run.accuracy is None else percent(run.accuracy)}"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _show(plan: Sweep, rows: list[Row]) -> None:
    """Print the results, and the command for the best setting."""
    if not rows:
        print("No run has ended yet.", file=sys.stderr)
        return
    heading = [*(name.replace("_", " ") for name in plan.names), "accuracy", "loss", "seconds", "state"]
    lines = [heading]
    for row in rows:
        spread = "" if row.spread is None else f" ± {100 * row.spread:.1f}"
        lines.append(
            [
                *map(value_text, row.settings.values()),
                "" if row.accuracy is None else f"{percent(row.accuracy)}{spread}",
                "" if row.loss is None else f"{row.loss:.4f}",
                f"{row.seconds:.0f}",
                row.state,
            ]
        )
    numbers = range(len(plan.names) + 3)
    print(table(lines, right=tuple(numbers)))
    best = sweeps.best(plan, rows)
    if best:
        print(f"\nBest on the validation set: {sweeps.command(best)}")
        print(
            "The best of many settings owes part of its result to chance: expect slightly less on the test set.",
            file=sys.stderr,
        )
