"""`zoo evaluate`: how often a model is right."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.table import interval, percent
from app.cli.training_tools import training_tools
from models.catalog import Model
from models.checkpoint import Checkpoint
from models.errors import ZooError
from models.evaluation import OodFigures


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

        if record:
            results = evaluating.record_evaluation(model.path, data, examples=examples)
        else:
            results = [evaluating.evaluate(id, on, part, data, examples)]
    for measured in results:
        print(json.dumps(measured.to_dict()) if as_json else _sentence(measured))


def _sentence(measured: Any) -> str:
    figures = measured.figures
    head = f"{measured.slug} on {measured.dataset}, {figures.n:,} inputs: "
    if isinstance(figures, OodFigures):
        return f"{head}abstains on {percent(figures.abstained)}, cannot read {percent(figures.refused)}"
    parts = [
        f"accuracy {percent(figures.accuracy, 2)} (95% interval {interval(*figures.interval)})",
        f"answers {percent(figures.kept)}",
        f"cannot read {percent(figures.refused)}",
        f"negative log-likelihood {figures.nll:.4f} ({figures.nll_before:.4f} before calibration)",
        f"calibration error {figures.ece:.4f} ({figures.ece_before:.4f} before)",
    ]
    return head + ", ".join(parts)


def _print_seeds(model: Model, as_json: bool) -> None:
    seeds = Checkpoint.open(model.path).evaluation.seeds
    if not seeds:
        raise ZooError(f"{model.id} was trained with one seed only; python -m training zoo {model.slug} trains three.")
    if as_json:
        print(json.dumps({"slug": model.slug, "seeds": {name: f.model_dump() for name, f in seeds.items()}}))
        return
    for name, figures in seeds.items():
        each = ", ".join(percent(accuracy, 2) for accuracy in figures.accuracies)
        print(
            f"{model.id} on {name}: mean {percent(figures.mean, 2)}, standard deviation {percent(figures.std, 2)} ({each})"
        )
