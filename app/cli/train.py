"""`zoo train`: train a model."""

from collections.abc import Callable

import typer

from app.cli.generated import generated


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("train", cls=generated(_command))(train)


def train() -> None:
    """Train a model, on its data sets or on your examples."""


def _command() -> Callable[..., None]:
    from training.cli.train import train

    return train
