"""`zoo list`: what models there are."""

import json
from typing import Annotated

import typer

from app.cli.table import percent, table


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("list")(list_models)


def list_models(
    task: Annotated[str | None, typer.Option(help="Only models of this task, such as digits.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the models, the best of each task first.

    \b
    Examples:
      zoo list
      zoo list --task digits --json
    """
    from app.model_summary import ModelSummary
    from models import catalog

    if task is not None:
        catalog.task(task)
    found = catalog.models(task)
    if as_json:
        print(json.dumps([ModelSummary.of(model).to_dict() for model in found], indent=1))
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
