"""`zoo list` and `zoo show`: what models there are, and what is known of one."""

import json
from typing import Annotated

import typer

from app.cli.table import interval, percent, table

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("list")(list_models)
    app.command()(show)


def list_models(
    task: Annotated[str | None, typer.Option(help="Only models of this task, such as digits.")] = None,
    as_json: Json = False,
) -> None:
    """List the models, the best of each task first.

    \b
    Examples:
      zoo list
      zoo list --task digits --json
    """
    from app import words
    from models import catalog

    if task is not None:
        catalog.task(task)
    found = catalog.models(task)
    if as_json:
        print(json.dumps([words.summary(model) for model in found], indent=1))
    elif found:
        rows = [("id", "task", "right", "parameters", "from", "what it is")]
        for model in found:
            right = percent(model.accuracy) if model.config.figures else "not yet tested"
            rows.append((model.id, model.task.slug, right, f"{model.config.parameters:,}", model.origin, model.title))
        print(table(rows, right=(2, 3)))
    else:
        print("No model yet. Train one: zoo train mnist-cnn")
    for problem in catalog.problems().values():
        typer.echo(f"Left out: {problem}", err=True)


def show(
    id: Annotated[str, typer.Argument(metavar="ID", help="The model's id, as zoo list prints it.")],
    as_json: Json = False,
) -> None:
    """Show what is known of one model: figures, size, data, licence.

    \b
    Example:
      zoo show mnist-cnn
    """
    from app import words
    from models import catalog

    model = catalog.find(id)
    if as_json:
        print(json.dumps(words.details(model), indent=1))
        return
    config = model.config
    rows = [
        ("answers", f"{model.task.question} ({len(model.task.labels)} answers)"),
        ("parameters", f"{config.parameters:,}"),
        ("trained on", ", ".join(data.name for data in config.data) or "not said"),
        *((str(name), str(value)) for name, value in config.training.items() if not isinstance(value, dict)),
        ("licence", config.license),
        ("folder", str(model.path)),
    ]
    print(f"{model.title if model.id in model.title else f'{model.title} ({model.id})'}\n{config.words}\n")
    for name, figure in config.figures.items():
        print(f"right on {name}: {percent(figure.accuracy, 2)} ({interval(*figure.interval)}) of {figure.n:,}")
    print(table(rows))
