"""`zoo list`: list the models."""

import json
from typing import Annotated

import typer

from models.console import interval, percent, table


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("list")(list_models)


def list_models(
    task: Annotated[str | None, typer.Option(help="Only models of this task, such as digits.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the models, the most accurate of each task first.

    \b
    Examples:
      zoo list
      zoo list --task digits --json
    """
    # Imported here so that `zoo --help` stays fast.
    from app.model_summary import ModelSummary
    from models import catalog

    if task is not None:
        catalog.task(task)
    models = catalog.models(task)
    if as_json:
        print(json.dumps([ModelSummary.of(model).to_dict() for model in models], indent=1))
    elif models:
        rows = [("id", "task", "accuracy", "95% interval", "parameters", "origin", "title")]
        for model in models:
            accuracy = percent(model.accuracy) if model.figure else "not tested"
            bounds = interval(*model.figure.interval) if model.figure else ""
            size = f"{model.config.parameters:,}"
            rows.append((model.id, model.task.slug, accuracy, bounds, size, model.origin, model.title))
        print(table(rows, right=(2, 3, 4)))
    else:
        print("There are no models yet. Train one: zoo train mnist-cnn")
    for problem in catalog.problems().values():
        typer.echo(f"Not listed: {problem}", err=True)
