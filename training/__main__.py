"""`python -m training ENTRY`, the same as `zoo train ENTRY`, and `python -m training JOB` for maintainers."""

import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from models import console
from models.errors import ZooError
from training.cli import jobs
from training.cli.options import GroupedOptions
from training.cli.train import train

HELP = """Train a model (zoo train), or do one of the maintainers' jobs.

\b
Examples:
  python -m training mnist-cnn --epochs 3     the same as zoo train mnist-cnn --epochs 3
  python -m training zoo mnist-cnn            train the shipped model again

Exit codes: 0 success, 1 error (one sentence on stderr says what to do), 2 wrong usage, 130 interrupted.
"""


class TrainByDefault(TyperGroup):
    """A group whose default command is `train`: `python -m training mnist-cnn`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `train` first unless the arguments begin with a command or ask for help."""
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["train", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    name="training",
    cls=TrainByDefault,
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
app.command("train", cls=GroupedOptions)(train)
jobs.add_to(app)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code. Errors that the user can fix are printed to stderr as one sentence."""
    console.escape_unknown()
    try:
        app(arguments, prog_name="python -m training")
    except SystemExit as end:
        return end.code or 0
    except ZooError as error:
        print(error, file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in sys.stdlib_module_names | {"", "app", "models", "training"}:
            raise  # a bug
        print(
            f"This needs {package}, which is not installed. "
            "Run make train-tools, or pip install -r requirements-train.txt.",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
