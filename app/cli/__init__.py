"""The command line, `zoo`. What is heavy is imported inside the command that needs it."""

import errno
import os
import sys

import typer

from app.cli import (
    doctor,
    evaluate,
    predict,
    pull,
    push,
    remove,
    serve,
    show,
    speed,
    train,
    verify,
)
from app.cli import list as list_models
from models.errors import ZooError

HELP = """Small neural networks you can touch: list them, ask them, train them, serve them.

\b
Examples:
  zoo list                               what models there are
  zoo predict mnist-cnn my.png           what a model says of a picture
  zoo train mnist-cnn --epochs 3         train one yourself; it becomes mnist-cnn-mine
  zoo evaluate mnist-cnn --on mnist      how often it is right
  zoo pull ada/mnist-cnn                 fetch a model from the Hugging Face Hub
  zoo doctor                             what this machine has, and what is missing
  zoo serve                              pages, widgets and REST on http://127.0.0.1:8501

ZOO_HOME is where your own models are kept (~/.local/share/zoo unless said), ZOO_DATA where data sets lie.

Exit codes: 0 done, 1 something you can mend (one sentence on stderr says how), 2 wrong usage.
"""

app = typer.Typer(
    name="zoo",
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help loads faster, reads anywhere, and keeps the examples' lines
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
for module in (list_models, show, predict, train, evaluate, verify, speed, push, pull, remove, serve, doctor):
    module.add_to(app)


def main() -> None:
    """The `zoo` command: what people can mend is one sentence on stderr, never a traceback."""
    try:
        app()  # ends in SystemExit
        code = 0
    except SystemExit as stop:
        code = stop.code
    except ZooError as error:
        print(error, file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        code = 130
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.ENOSPC):
            raise
        code = _not_written(error)
    try:
        sys.stdout.flush()
    except OSError as error:
        code = _not_written(error)
    sys.exit(code)


def _not_written(error: OSError) -> int:
    """Say that the output could not be written, unless its reader has just had enough (`zoo list | head -1`)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python tries once more at its end
    if not isinstance(error, BrokenPipeError):
        print(
            f"Could not write the output: {error.strerror or error}. Free some space or write elsewhere.",
            file=sys.stderr,
        )
    return 1
