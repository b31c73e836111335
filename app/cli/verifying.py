"""`zoo verify`: whether models still give the answers they promised."""

import json
import os
from dataclasses import asdict
from typing import Annotated

import typer

WORDS = {True: "holds", False: "FAILS", None: "not here"}


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(verify)


def verify(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID...]", help="Models; all of them unless said.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")] = False,
) -> None:
    """Check models' files against their hashes, and their golden answers on every engine, a line for each.

    Exit code 1 if anything fails.

    \b
    Examples:
      zoo verify
      zoo verify mnist-cnn
    """
    # One small input at a time: threads would cost more than they bring, and a great deal more on busy cores.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from app import verify as checks
    from models import catalog

    failed = False
    for id in ids or [model.id for model in catalog.models()] + list(catalog.problems()):
        try:
            for check in checks.verify(id):
                failed |= check.holds is False
                _print(id, check, as_json)
        except catalog.BadCheckpoint as error:
            failed = True
            _print(id, checks.Check("files", False, str(error)), as_json)
    if failed:
        raise typer.Exit(1)


def _print(id: str, check: object, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"id": id, **asdict(check)}))  # type: ignore[call-overload]
    else:
        print(f"{id}  {check.what:12}  {WORDS[check.holds]:8}  {check.found}", flush=True)  # type: ignore[attr-defined]
