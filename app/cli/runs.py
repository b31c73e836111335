"""`zoo runs`: list, compare, annotate and remove training runs."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.confirmation import confirm
from models.console import interval, percent, table
from models.errors import ZooError

if TYPE_CHECKING:
    from models.runs import Run

HELP = """List, compare, annotate and remove training runs.

Without a command, list them: newest first, with the hyperparameters that differ as columns.
Accuracy, its 95% interval and loss are those of the best epoch on the validation set.

\b
Examples:
  zoo runs
  zoo runs --filter entry=mnist-cnn --filter state=finished --sort accuracy
  zoo runs compare mnist-cnn-mine mnist-cnn-mine-2
  zoo runs note mnist-cnn-mine-2 "without augmentation"
  zoo runs remove mnist-cnn-mine
"""
WIDE = 60  # characters of a note or a reason in the table
Id = Annotated[str, typer.Argument(metavar="ID", help="The run's id, as zoo runs prints it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Register the command and its own commands."""
    width = {"max_content_width": 110}
    runs = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings=width)
    runs.callback(invoke_without_command=True, help=HELP)(list_runs)
    for command in (compare, note, remove):
        runs.command()(command)
    app.add_typer(runs, name="runs", short_help="List, compare, annotate and remove training runs.")


def list_runs(
    context: typer.Context,
    sort: Annotated[str, typer.Option(metavar="NAME", help="Column to sort by, such as accuracy or lr.")] = "created",
    reverse: Annotated[bool, typer.Option("--reverse", help="Sort the other way around.")] = False,
    filter: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Only runs with this value, such as lr=0.01; may be repeated."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the runs (see HELP)."""
    if context.invoked_subcommand:
        return
    # Imported here so that `zoo --help` stays fast.
    from models import run_table, runs

    there = runs.runs()
    shown = run_table.in_order(run_table.matching(there, filter or ()), sort, reverse) if there else []
    if as_json:
        print(json.dumps([_as_json(run) for run in shown], indent=1))
    elif shown:
        print(_table(shown))
    elif there:
        print("No runs match; zoo runs without --filter lists all.")
    else:
        print("There are no runs yet. Train a model: zoo train mnist-cnn --datasets digits8x8")


def compare(
    ids: Annotated[list[str], typer.Argument(metavar="ID ID...", help="Two or more different runs.")],
    as_json: AsJson = False,
) -> None:
    """Compare runs: the hyperparameters that differ, and how each run went.

    For runs that differ only in their seed, the mean accuracy and its standard deviation are printed too.

    \b
    Example:
      zoo runs compare mnist-cnn-mine mnist-cnn-mine-2
    """
    from models import run_table, runs

    compared = [runs.read(id) for id in dict.fromkeys(ids)]
    if len(compared) < 2:
        raise ZooError("Name two or more different runs; zoo runs lists them.")
    names, groups = run_table.difference(compared), run_table.groups(compared)
    if as_json:
        means = [{"runs": [run.id for run in each.runs], "mean": each.mean, "std": each.std} for each in groups]
        print(json.dumps({"differing": names, "runs": [_as_json(run) for run in compared], "groups": means}, indent=1))
        return
    rows = [("", *(run.id for run in compared))]
    for name in ("entry", "task"):
        if len({getattr(run, name) for run in compared}) > 1:
            rows.append((name, *(getattr(run, name) for run in compared)))
    for name in names:
        rows.append((name, *(run_table.cell(run.recipe[name]) if name in run.recipe else "" for run in compared)))
    if not names:
        rows.append(("recipe", *("the same" for _ in compared)))
    figures = [_figures(run) for run in compared]
    rows.append(("seed", *(str(run.seed) for run in compared)))
    filled = [label for label in figures[0] if any(figure[label] for figure in figures)]
    rows += [(label, *(figure[label] for figure in figures)) for label in filled]
    print(table(rows))
    for each in groups:
        seeds = ", ".join(str(run.seed) for run in each.runs)
        ids_of_group = ", ".join(run.id for run in each.runs)
        spread = f"{percent(each.mean)} ± {100 * each.std:.1f} (standard deviation over seeds {seeds})"
        print(f"Mean accuracy of {ids_of_group}: {spread}")
    if len({(run.task, run.n) for run in compared if run.n}) > 1:
        typer.echo("These runs were validated on different examples; their figures are not comparable.", err=True)


def note(
    id: Id,
    text: Annotated[str, typer.Argument(metavar="TEXT", help='The note; "" removes it.')],
) -> None:
    """Set the note of a run.

    \b
    Example:
      zoo runs note mnist-cnn-mine-2 "without augmentation"
    """
    from models import runs

    runs.annotate(id, text)


def remove(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Runs, by the ids that zoo runs prints.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Remove runs: their records, curves and states. Their models are kept; zoo remove removes those.

    \b
    Example:
      zoo runs remove mnist-cnn-mine-2
    """
    from models import runs

    names = list(dict.fromkeys(ids))
    for id in names:
        if not (runs.folder(id) / runs.RECORD).exists():
            runs.read(id)  # raises, before any is removed
    if not yes:
        confirm(f"Remove the files of {_joined('run', names)}?", "nothing was removed")
    for id in names:
        runs.remove(id)
        typer.echo(f"Removed run {id}.", err=True)


def _joined(noun: str, names: Sequence[str]) -> str:
    return f"{noun}{'s' if len(names) > 1 else ''} {', '.join(names)}"


def _as_json(run: "Run") -> dict[str, Any]:
    return {**run.model_dump(mode="json"), "seconds": run.seconds}


def _table(shown: Sequence["Run"]) -> str:
    """The runs as a table: the hyperparameters that differ are columns, and so are the columns that are not empty."""
    from models import run_table

    names = run_table.differing(shown)
    heads = ["id", "entry", *names, "seed", *_figures(shown[0])]
    rows = []
    for run in shown:
        values = [run_table.cell(run.recipe[name]) if name in run.recipe else "" for name in names]
        figures = [text if len(text) <= WIDE else f"{text[: WIDE - 3]}..." for text in _figures(run).values()]
        rows.append([run.id, run.entry, *values, str(run.seed), *figures])
    filled = [column for column in range(len(heads)) if column < 2 or any(row[column] for row in rows)]
    numbers = {len(names) + 2, *(heads.index(name) for name in ("accuracy", "95% interval", "loss", "seconds"))}
    cells = [[row[column] for column in filled] for row in [heads, *rows]]
    return table(cells, right=[place for place, column in enumerate(filled) if column in numbers])


def _figures(run: "Run") -> dict[str, str]:
    """The results of a run, as text by the heading of the column."""
    return {
        "accuracy": percent(run.accuracy) if run.accuracy is not None else "",
        "95% interval": interval(*run.interval) if run.interval else "",
        "loss": f"{run.loss:.4f}" if run.loss is not None else "",
        "epoch": str(run.epoch or ""),
        "seconds": f"{run.seconds:.0f}" if run.seconds is not None else "",
        "sweep": run.sweep,
        "state": _state(run),
        "note": run.note,
        "reason": run.reason,
    }


def _state(run: "Run") -> str:
    """The state; for a run in progress, with the current epoch."""
    from models import runs

    progress = runs.progress(run.id) if run.state == "running" else None
    if not progress:
        return run.state
    part = "" if progress.part == "validation" else f"{progress.part}, "
    return f"running: {part}epoch {progress.epoch} of {progress.epochs}"
