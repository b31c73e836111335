"""`zoo show`: show one model."""

import json
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any

import typer

from models.console import interval, percent, table
from models.errors import printable

if TYPE_CHECKING:
    from models.config import Training


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(show)


def show(
    id: Annotated[str, typer.Argument(metavar="ID", help="The model's id, as zoo list prints it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show a model's accuracy, size, training data and licence.

    \b
    Example:
      zoo show mnist-cnn
    """
    # Imported here so that `zoo --help` stays fast.
    from app.model_summary import ModelDetails
    from models import catalog, store

    model = catalog.find(id)
    if as_json:
        print(json.dumps(ModelDetails.of(model).to_dict(), indent=1))
        return
    config = model.config
    rows = [
        ("question", f"{model.task.question} ({len(model.task.labels)} labels)"),
        ("parameters", f"{config.parameters:,}"),
        ("trained on", ", ".join(data.name for data in config.data) or "unknown"),
        *_training(config.training),
        ("licence", config.license),
        ("folder", str(store.resolve(model.path))),
    ]
    print(printable(model.title if model.id in model.title else f"{model.title} ({model.id})"))
    print(f"{printable(config.description)}\n")
    for name, figure in config.figures.items():
        bounds = f"95% interval {interval(*figure.interval)}%"
        rounds = f", cross-validated in {figure.rounds} rounds" if figure.rounds else ""
        print(f"accuracy on {printable(name)}: {percent(figure.accuracy, 2)} ({bounds}), n = {figure.n:,}{rounds}")
    print(table(rows))
    _print_recipe(config.training.recipe)


def _training(training: "Training") -> list[tuple[str, str]]:
    """How the model was trained, as far as its checkpoint records it."""
    best = training.best_epoch or training.epochs
    refit = f"; then {best} on training and validation data together" if training.refitted else ""
    rows = [
        ("epochs", f"{training.epochs} (best: {best}){refit}" if training.epochs else ""),
        ("time", f"{training.seconds:,.0f} s" if training.seconds else ""),
        ("seed", "" if training.seed is None else str(training.seed)),
        ("interrupted", "yes" if training.interrupted else ""),
        ("machine", (training.machine or "").replace(", 1 threads", ", 1 thread")),  # as older checkpoints recorded it
        ("date", str(training.date or "")),
    ]
    return [(name, value) for name, value in rows if value]


def _print_recipe(recorded: dict[str, Any]) -> None:
    """The hyperparameters, those that differ from their defaults first."""
    # Imported here, because pydantic takes a while.
    from models import hyperparameters

    known = hyperparameters.of(recorded)
    rows = [
        (each.name, printable(each.shown) + (f" (default: {each.shown_default})" if each.shown_default else ""))
        for each in known
        if each.is_changed
    ]
    if known:
        print(f"\nHyperparameters that differ from the defaults:\n{table(rows)}")
        pairs = (f"{each.name}\xa0{printable(each.shown)}" for each in known if not each.is_changed)
        print(fill(f"Defaults: {', '.join(pairs)}", 100).replace("\xa0", " "))
