"""`zoo train`: train a model."""

import functools
from typing import Any

import typer

from app.cli.training_tools import training_tools


def add_to(app: typer.Typer) -> None:
    """Register the command of the training package, whose options are those of a recipe. Imported here, it loads no torch."""
    from training.cli.options import GroupedOptions
    from training.cli.train import train

    @functools.wraps(train)
    def command(**arguments: Any) -> None:
        with training_tools():
            train(**arguments)

    app.command("train", cls=GroupedOptions)(command)
