"""`zoo speed`: how long an answer of each model takes on this machine."""

from typing import Annotated

import typer

from app.cli.table import table


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(speed)


def speed(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID...", help="Models; all unless said.")] = None,
) -> None:
    """Measure how long one answer takes here; the pages show it from then on. Best while nothing else runs.

    \b
    Example:
      zoo speed mnist-cnn
    """
    from app import settings

    settings.quiet()  # as the server is
    from app import speed as measuring
    from models import catalog

    rows = [("id", "milliseconds")]
    for model in [catalog.find(id) for id in ids] if ids else catalog.models():
        rows.append((model.id, f"{measuring.measure(model):.2f}"))
    print(table(rows, right=(1,)))
    if not measuring.is_quiet():
        typer.echo("Something else was running meanwhile; the server measures again at a quiet moment.", err=True)
