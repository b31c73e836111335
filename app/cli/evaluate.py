"""`zoo evaluate`: the accuracy of a model on a data set."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.training_tools import training_tools
from models.console import interval, percent
from models.errors import ZooError

if TYPE_CHECKING:
    from models.catalog import Model
    from models.evaluation import Figures, SeedFigures
    from training.evaluate import Measured


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(evaluate)


def evaluate(
    id: Annotated[str, typer.Argument(metavar="ID", help="The model's id, as zoo list prints it.")],
    on: Annotated[
        str | None, typer.Option(metavar="DATASET", help="The data set (default: the first of the task).")
    ] = None,
    split: Annotated[str, typer.Option(help="Split to measure on: test or validation.")] = "test",
    data: Annotated[Path | None, typer.Option(help="Folder of the data sets (default: ZOO_DATA).")] = None,
    examples: Annotated[
        Path | None, typer.Option(help="The examples your own model was trained on (default: where they were).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    record: Annotated[
        bool,
        typer.Option(
            "--record", help="Test on all data sets, or on that of --on, and write the figures into the checkpoint."
        ),
    ] = False,
    seeds: Annotated[
        bool,
        typer.Option(
            "--seeds", help="Print the mean and standard deviation over the seeds the model was trained with."
        ),
    ] = False,
    against: Annotated[
        str | None,
        typer.Option(metavar="ID", help="With --seeds: also print by how much the mean exceeds that of another model."),
    ] = None,
) -> None:
    """Measure the accuracy of a model, with its 95% interval.

    On out-of-distribution data, measure how often it abstains. For a model trained on fewer than 500 of your own
    examples, show its cross-validated accuracy, because none are held out. Each run on a test set is appended to
    ZOO_HOME/test-runs.csv.

    \b
    Examples:
      zoo evaluate mnist-cnn
      zoo evaluate mnist-cnn --on unipen-digits --json
      zoo evaluate mnist-cnn --seeds
      zoo evaluate fashion-cnn-batchnorm --seeds --against fashion-cnn
    """
    from models import catalog

    model = catalog.find(id)
    if split not in ("test", "validation"):
        raise typer.BadParameter(f"{split!r:.80} is neither test nor validation.", param_hint="--split")
    if record and split != "test":
        raise typer.BadParameter("it writes figures on test sets; omit --split.", param_hint="--record")
    if seeds and (record or on or split != "test"):
        raise typer.BadParameter("it prints recorded figures; omit --record, --on and --split.", param_hint="--seeds")
    if against and (not seeds or as_json):
        raise typer.BadParameter("use it with --seeds and without --json.", param_hint="--against")
    if seeds:
        differences = _differences(model, catalog.find(against)) if against else []
        _print_seeds(model, as_json)
        return print(*differences, sep="\n") if differences else None
    with training_tools():
        from training import evaluate as evaluating
        from training.data import EXAMPLES
        from training.data.dataset import Sources

        if examples and EXAMPLES not in model.task.datasets:
            raise ZooError(f"--examples works only for models trained on your own examples, and {model.id} was not.")

        if record and on:
            results = [evaluating.record_figures(model.path, on, Sources(data))]
        elif record:
            results = evaluating.record_evaluation(model.path, Sources(data), examples=examples)
        else:
            results = [evaluating.evaluate(id, on, split, Sources(data), examples)]
    for measured in results:
        print(json.dumps(measured.to_dict()) if as_json else _line(measured))


def _line(measured: "Measured") -> str:
    from models.evaluation import CrossValidation, OodFigures

    figures = measured.figures
    head = f"{measured.slug} on {measured.dataset}, {figures.n:,} inputs: "
    if isinstance(figures, CrossValidation):
        return (
            f"{head}accuracy {percent(figures.accuracy, 2)} (95% interval {interval(*figures.interval)}%), "
            f"in {figures.rounds} rounds of cross-validation, after which it was trained on all of them"
        )
    if isinstance(figures, OodFigures):
        return f"{head}abstained {percent(figures.abstained)}, not readable {percent(figures.refused)}"
    parts = [
        f"accuracy {percent(figures.accuracy, 2)} (95% interval {interval(*figures.interval)}%)",
        f"answered {percent(figures.kept)}{_of_answered(figures)}",
        f"not readable {percent(figures.refused)}",
        f"negative log-likelihood {figures.nll:.4f} ({figures.nll_before:.4f} before calibration)",
        f"calibration error {figures.ece:.4f} ({figures.ece_before:.4f} before)",
    ]
    return head + ", ".join(parts)


def _of_answered(figures: "Figures") -> str:
    if figures.accuracy_kept is None or figures.confidently_wrong is None:
        return ""
    wrong = percent(figures.confidently_wrong, 2)
    return f" ({percent(figures.accuracy_kept, 2)} of these correct, {wrong} of all inputs wrong at 90% or more)"


def _print_seeds(model: "Model", as_json: bool) -> None:
    seeds = _seeds(model)
    if as_json:
        print(json.dumps({"slug": model.slug, "seeds": {name: f.model_dump() for name, f in seeds.items()}}))
        return
    for name, figures in seeds.items():
        each = ", ".join(percent(accuracy, 2) for accuracy in figures.accuracies)
        print(
            f"{model.id} on {name}: mean {percent(figures.mean, 2)}, "
            f"standard deviation {100 * figures.std:.2f} points ({each})"
        )


def _differences(model: "Model", other: "Model") -> list[str]:
    """Lines with the difference of the mean accuracies on the data sets that both were tested on."""
    from models.evaluation import difference

    mine, others = _seeds(model), _seeds(other)
    lines = []
    for name in mine:
        if name in others and (found := difference(mine[name].accuracies, others[name].accuracies)):
            points, low, high = (100 * value for value in found)
            lines.append(
                f"{model.id} minus {other.id} on {name}: {points:+.2f} points (95% interval {low:+.2f} to {high:+.2f})"
            )
    if not lines:
        raise ZooError(f"{model.id} and {other.id} were not tested on the same data sets.")
    return lines


def _seeds(model: "Model") -> dict[str, "SeedFigures"]:
    from models.checkpoint import Checkpoint

    seeds = Checkpoint.open(model.path).evaluation.seeds
    if not seeds:
        raise ZooError(f"{model.id} was trained with only one seed.")
    return seeds
