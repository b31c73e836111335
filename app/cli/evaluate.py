"""`zoo evaluate`: how often a model is right."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.table import interval, percent
from app.cli.training_tools import training_tools
from models.errors import ZooError


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(evaluate)


def evaluate(
    id: Annotated[str, typer.Argument(metavar="ID", help="The model's id, as zoo list prints it.")],
    on: Annotated[
        str | None, typer.Option(metavar="DATASET", help="The data set; the task's first unless said.")
    ] = None,
    part: Annotated[str, typer.Option(help="test or validation.")] = "test",
    data: Annotated[Path | None, typer.Option(help="Where the data sets lie; ZOO_DATA unless said.")] = None,
    examples: Annotated[
        Path | None, typer.Option(help="Where the examples of your own model lie; where they were unless said.")
    ] = None,
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
    if record and (on or part != "test"):
        raise typer.BadParameter("tests on all data sets' test parts; leave out --on and --part", param_hint="--record")
    if seeds:
        return _print_seeds(model, as_json)
    with training_tools():
        from training import evaluate as evaluating

        results = (
            _recorded(evaluating, model, data, examples)
            if record
            else [evaluating.evaluate(id, on, part, data, examples)]
        )
    for figures in results:
        print(json.dumps(figures) if as_json else _words(figures))


def _recorded(evaluating: Any, model: Any, data: Path | None, examples: Path | None) -> list[dict[str, Any]]:
    evaluation = evaluating.record_evaluation(model.path, data, examples=examples)
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
