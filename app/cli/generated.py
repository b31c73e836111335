"""Commands whose options are generated from the fields of a recipe, by the training package.

They are imported when they run, since `zoo --help` does not need them.
"""

import functools
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand

from app.cli.training_tools import training_tools


def generated(load: Callable[[], Callable[..., None]]) -> type[TyperCommand]:
    """A class for a placeholder that passes its arguments to the command that `load` returns."""

    class Placeholder(TyperCommand):
        def make_context(self, *arguments: Any, **options: Any) -> Any:
            return _command(load()).make_context(*arguments, **options)

    return Placeholder


def _command(function: Callable[..., None]) -> Any:
    from training.cli.options import GroupedOptions

    @functools.wraps(function)
    def run(**arguments: Any) -> None:
        with training_tools():
            function(**arguments)

    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command(function.__name__, cls=GroupedOptions)(run)
    return typer.main.get_command(alone)
