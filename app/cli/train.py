"""`zoo train`: train a model."""

import functools
from typing import Any

import typer
from typer.core import TyperCommand

from app.cli.training_tools import training_tools


class TrainCommand(TyperCommand):
    """A placeholder for the command of the training package, which generates its options from the fields of a recipe.

    That command is imported when it runs, since `zoo --help` does not need it.
    """

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        """Pass the arguments to training's own command."""
        return _command().make_context(*arguments, **options)


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("train", cls=TrainCommand)(train)


def train() -> None:
    """Train a model, on its data sets or on your examples."""


def _command() -> Any:
    from training.cli import train as training
    from training.cli.options import GroupedOptions

    @functools.wraps(training.train)
    def train(**arguments: Any) -> None:
        with training_tools():
            training.train(**arguments)

    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command("train", cls=GroupedOptions)(train)
    return typer.main.get_command(alone)
