"""`zoo speed`: measure how long a prediction of each model takes on this machine."""

from typing import Annotated

import typer

from models.console import table


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(speed)


def speed(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID...", help="Models; default: all.")] = None,
) -> None:
    """Measure how long one prediction takes on this machine.

    The pages show the result. Run it on an otherwise idle machine.

    \b
    Example:
      zoo speed mnist-cnn
    """
    # Imported here so that `zoo --help` stays fast.
    from app import settings

    settings.quiet()  # as the server does
    from app import speed as speeds
    from models import catalog

    rows = [("id", "milliseconds")]
    for model in [catalog.find(id) for id in ids] if ids else catalog.models():
        rows.append((model.id, f"{speeds.measure(model):.2f}"))
    print(table(rows, right=(1,)))
    if not speeds.is_quiet():
        typer.echo("Other programs were running, so the server will measure again at a quiet moment.", err=True)
