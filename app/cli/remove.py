"""`zoo remove`: remove a model of your own, or one that was pulled."""

from typing import Annotated

import typer

from app.cli.confirmation import confirm


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(remove)


def remove(
    id: Annotated[str, typer.Argument(metavar="ID", help="The model's id, as zoo list prints it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Remove one of your own models, or one from the Hub.

    Its training runs, including interrupted ones, and the cached features of your examples are removed too. A running
    server stops listing it at once.

    \b
    Examples:
      zoo remove mnist-cnn-mine
      zoo remove ada/mnist-cnn
    """
    # Imported here so that `zoo --help` stays fast.
    from models import catalog, runs

    folder = catalog.removable_folder(id)
    if not yes:
        files = f"its files in {folder.parent}"
        what = f"{id}, {files} and its training runs" if runs.folders_of(id) else f"{id} and {files}"
        confirm(f"Remove {what}?", "nothing was removed")
    catalog.remove(id)
    typer.echo(f"Removed {id}.", err=True)
