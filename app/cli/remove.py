"""`zoo remove`: take away a model of one's own, or one that was pulled."""

from typing import Annotated

import typer

from models.errors import ZooError


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(remove)


def remove(
    id: Annotated[str, typer.Argument(metavar="ID", help="The model's id, as zoo list prints it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a model of your own, with what was kept of its training, or one from the Hub; a running hub drops it at once.

    \b
    Examples:
      zoo remove mnist-cnn-mine
      zoo remove ada/mnist-cnn
    """
    from models import catalog

    folder = catalog.own_folder(id)
    if not yes:
        try:
            sure = typer.confirm(f"Remove {id} and all its files from {folder.parent}?", err=True)
        except typer.Abort as stop:
            raise ZooError(
                f"Nobody answered, so {id} is still there; to remove it without being asked add --yes."
            ) from stop
        if not sure:
            raise ZooError(f"{id} is still there.")
    catalog.remove(id)
    typer.echo(f"Removed {id}.", err=True)
