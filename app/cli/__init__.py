"""The command line, `zoo`.

Commands import what they need when they run, so that `zoo --help` and completion of one command do not load the others'
modules.
"""

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
    runs,
    serve,
    show,
    speed,
    sweep,
    train,
    verify,
)
from app.cli import list as list_models
from models import console, paths
from models.errors import ZooError

# Errors of a disk or a folder, in whatever library they occur.
DISK = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.EFBIG, errno.ENOTDIR, errno.ENAMETOOLONG, *paths.FULL)

HELP = """Small neural networks to try out: list, use, train, share and serve them.

\b
Examples:
  zoo list                               list the models
  zoo predict mnist-cnn my.png           predict what a picture shows
  zoo train mnist-cnn --epochs 3         train a model; it becomes mnist-cnn-mine
  zoo evaluate mnist-cnn --on mnist      measure its accuracy
  zoo runs                               list and compare training runs
  zoo pull ada/mnist-cnn                 download a model from the Hugging Face Hub
  zoo doctor                             check this machine
  zoo serve                              serve pages, widgets and REST on http://127.0.0.1:8501

Environment: ZOO_HOME is the folder for your own models (default: ~/.local/share/zoo), ZOO_DATA the folder of data sets.

Exit codes: 0 success, 1 error (one sentence on stderr says what to do), 2 wrong usage.
"""

app = typer.Typer(
    name="zoo",
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help loads faster, works in any terminal, and keeps the lines of examples
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
for module in (
    *(list_models, show, predict, train, sweep, runs, evaluate, verify, speed),
    *(push, pull, remove, serve, doctor),
):
    module.add_to(app)


def main() -> None:
    """The `zoo` command. Errors that users can fix are one sentence on stderr, never a traceback."""
    console.escape_unknown()
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
        if error.errno in DISK and error.filename:
            print(f"{error.filename} cannot be used: {error.strerror}. {paths.remedy(error)}.", file=sys.stderr)
            code = 1
        elif error.errno in (errno.EPIPE, errno.EFBIG, *paths.FULL):
            code = _not_written(error)
        else:
            raise
    try:
        sys.stdout.flush()
    except OSError as error:
        code = _not_written(error)
    sys.exit(code)


def _not_written(error: OSError) -> int:
    """Report that the output could not be written, unless its reader has closed it (`zoo list | head -1`)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # otherwise Python tries again at exit
    if not isinstance(error, BrokenPipeError):
        print(
            f"Could not write the output: {error.strerror or error}. Free some space or write elsewhere.",
            file=sys.stderr,
        )
    return 1
