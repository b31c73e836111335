"""`zoo train` and `zoo evaluate`: what needs the training package, which is imported only when they run."""

import inspect
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.table import interval, percent
from models.errors import ZooError

TOOLS = (
    "This needs {missing}, which serving does without. "
    "Install it: make train-tools, or pip install -r requirements-train.txt"
)


def add_to(app: typer.Typer) -> None:
    """Register the commands. `train` hands its arguments to a command made when it is called: see `_train`."""
    app.command(
        "train",
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
    )(train)
    app.command()(evaluate)


def train(context: typer.Context) -> None:
    """Train a model; it becomes <slug>-mine beside the shipped one."""
    command = typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )
    command.command()(_train())
    command(args=context.args, prog_name="zoo train")


def _train() -> Callable[..., None]:
    """The command with an option for each number of a recipe, whatever numbers a recipe has."""
    from models.entry import Augment, Recipe
    from training.__main__ import HELP

    def option(kind: Any, default: Any, *names: str, help: str) -> tuple[Any, Any]:
        return Annotated[kind, typer.Option(*names, help=help)], default

    known: dict[str, tuple[Any, Any]] = {
        "entry": (
            Annotated[str, typer.Argument(metavar="SLUG", help="The entry to train, such as mnist-cnn.")],
            inspect.Parameter.empty,
        ),
        "name": option(str | None, None, "--slug", help="Id of the new model; <entry>-mine unless said."),
        "out": option(Path | None, None, "--out", help="Folder to write to, in place of ZOO_HOME/checkpoints/<id>."),
        "data": option(Path | None, None, "--data", help="Where the data sets lie; ZOO_DATA unless said."),
        "device": option(str | None, None, "--device", help="cpu, cuda or mps; the best there is unless said."),
        "seed": option(int, 0, "--seed", help="Of weights, order and augmentation."),
        "resume": option(bool, False, "--resume", help="Go on where the last run was cut off."),
    }
    for field in (*fields(Recipe), *fields(Augment)):
        if field.name != "augment" and field.name not in known:
            simple = field.default is not MISSING and type(field.default) in (int, float, bool)
            kind = type(field.default) if simple else str
            words = f"Recipe: {HELP.get(field.name, field.name.replace('_', ' '))}."
            known[field.name] = option(kind | None, None, help=words)

    def run(entry: str, **options: Any) -> None:
        """Train a model; it becomes <slug>-mine beside the shipped one.

        What is not given is the entry's own recipe, by which the shipped model was trained.

        Ctrl-C keeps the best so far; --resume goes on where a run was cut off.

        \b
        Examples:
          zoo train mnist-cnn
          zoo train mnist-cnn --epochs 3 --lr 0.01 --slug quick
          zoo train mnist-cnn --datasets digits8x8        needs no download
        """
        with _tools():
            from training.train import train as fit

            folder = fit(entry, **options)
        print(folder)
        if options["out"] is None:
            id = options["name"] or f"{entry}-mine"
            typer.echo(f"Ask it: zoo predict {id} my.png. Compare it: zoo list.", err=True)

    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=annotation, default=default)
            for name, (annotation, default) in known.items()
        ]
    )
    run.__annotations__ = {name: annotation for name, (annotation, _) in known.items()}
    return run


def evaluate(
    id: Annotated[str, typer.Argument(metavar="ID", help="The model's id, as zoo list prints it.")],
    on: Annotated[
        str | None, typer.Option(metavar="DATASET", help="The data set; the task's first unless said.")
    ] = None,
    part: Annotated[str, typer.Option(help="test or validation.")] = "test",
    data: Annotated[Path | None, typer.Option(help="Where the data sets lie; ZOO_DATA unless said.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    record: Annotated[
        bool, typer.Option("--record", help="Test on all data sets and write it into the model.")
    ] = False,
    seeds: Annotated[
        bool, typer.Option("--seeds", help="Print mean and spread over the seeds it was trained with.")
    ] = False,
) -> None:
    """Measure how often a model is right, with a 95% interval.

    On data that is not of its task: how often it says so. Each look at a test part is noted in ZOO_HOME/test-runs.csv.

    \b
    Examples:
      zoo evaluate mnist-cnn
      zoo evaluate mnist-cnn --on unipen-digits --json
      zoo evaluate mnist-cnn --seeds
    """
    from models import catalog

    model = catalog.find(id)
    if part not in ("test", "validation"):
        raise typer.BadParameter("expected test or validation", param_hint="--part")
    if seeds:
        return _print_seeds(model, as_json)
    with _tools():
        from training import evaluate as evaluating

        results = _recorded(evaluating, model, data) if record else [evaluating.evaluate(id, on, part, data)]
    for figures in results:
        print(json.dumps(figures) if as_json else _words(figures))


def _recorded(evaluating: Any, model: Any, data: Path | None) -> list[dict[str, Any]]:
    evaluation = evaluating.record_evaluation(model.path, data)
    own, foreign = evaluation["test"], evaluation["foreign"]
    nothing = {"accuracy": None, "interval": None}
    return [
        *({"slug": model.slug, "dataset": name, **figures} for name, figures in own.items()),
        *({"slug": model.slug, "dataset": name, **nothing, **figures} for name, figures in foreign.items()),
    ]


def _words(figures: dict[str, Any]) -> str:
    head = f"{figures['slug']} on {figures['dataset']}, {figures['n']:,} inputs: "
    if figures.get("accuracy") is None:
        return f"{head}says none of these to {percent(figures['abstained'])}, refuses {percent(figures['refused'])}"
    parts = [f"right {percent(figures['accuracy'], 2)} ({interval(*figures['interval'])})"]
    for name, words in (("kept", "answers {}"), ("refused", "refuses {}")):
        if name in figures:
            parts.append(words.format(percent(figures[name])))
    if "nll" in figures:
        parts.append(f"negative log-likelihood {figures['nll']:.4f} ({figures['nll_before']:.4f} before calibration)")
        parts.append(f"calibration error {figures['ece']:.4f} ({figures['ece_before']:.4f} before)")
    return head + ", ".join(parts)


def _print_seeds(model: Any, as_json: bool) -> None:
    from models.checkpoint import Checkpoint

    kept = Checkpoint.open(model.path).evaluation.get("seeds")
    if not kept:
        raise ZooError(f"{model.id} was trained with one seed only; python -m training zoo {model.slug} trains three.")
    if as_json:
        print(json.dumps({"slug": model.slug, "seeds": kept}))
        return
    for name, figures in kept.items():
        each = ", ".join(percent(value, 2) for value in figures["accuracies"])
        print(
            f"{model.id} on {name}: mean {percent(figures['mean'], 2)}, spread {percent(figures['spread'], 2)} ({each})"
        )


@contextmanager
def _tools() -> Iterator[None]:
    """Around calls of the training package, which imports as it goes: what is not installed is said in one sentence."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] in sys.stdlib_module_names | {"app", "models", "training"}:
            raise  # a mistake of ours
        raise ZooError(TOOLS.format(missing=error.name)) from error
