"""`zoo sweep`: train an entry with many settings."""

from collections.abc import Callable

import typer

from app.cli.generated import generated


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("sweep", cls=generated(_command))(sweep)


def sweep() -> None:
    """Train an entry with many settings and compare them."""


def _command() -> Callable[..., None]:
    from training.cli.sweep import sweep

    return sweep
