"""`zoo train`: train a model."""

import typer

from app.cli.training_tools import training_tools


def add_to(app: typer.Typer) -> None:
    """Register the command, which hands its arguments to training's own parser: that knows every number of a recipe."""
    app.command(
        "train",
        add_help_option=False,
        context_settings={
            "ignore_unknown_options": True,
            "allow_extra_args": True,
            "allow_interspersed_args": False,
            "help_option_names": [],
        },
    )(train)


def train(context: typer.Context) -> None:
    """Train a model; it becomes <slug>-mine beside the shipped one."""
    with training_tools():
        from training.__main__ import main

        code = main(context.args, prog="zoo train")
    raise typer.Exit(code)
