"""`zoo doctor`: check what is installed and configured on this machine, and how to fix what is wrong."""

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer

from app.cli.training_tools import training_tools
from models import paths
from models.errors import ZooError


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(doctor)


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Check this machine and say how to fix problems.

    Checks Python, libraries, device, GPU, Ray, models, data sets, folders, the login to the Hub, the port and the
    browser. Each line is marked "ok", "note" (works, but worth knowing) or "fix"; the text after the arrow says what to
    do. The network is not used and no token is read. Exit code 1 if anything needs fixing.

    \b
    Examples:
      zoo doctor
      zoo doctor --json
    """
    # Imported here so that `zoo --help` stays fast.
    from app.doctor import look

    lines = []
    for line in (line for part in (look(), (_data(),)) for line in part):
        lines.append(line)
        if not as_json:
            print(
                f"{line.state:4}  {line.what:10}  {line.detail}" + (f"  -> {line.fix}" if line.fix else ""), flush=True
            )
    if as_json:
        print(json.dumps([asdict(line) for line in lines], indent=1))
    if any(line.state == "fix" for line in lines):
        raise typer.Exit(1)


def _data() -> Any:
    """Which data sets can be read without downloading anything; generated ones always can."""
    # Imported here so that `zoo --help` stays fast.
    from app.doctor import Line

    root = paths.data_root()
    if root and not root.is_dir():
        return Line(
            "data sets", "fix", f"ZOO_DATA is {root}, which is not a folder", "Set ZOO_DATA to a folder, or unset it."
        )
    where = f"in {root}" if root else "ZOO_DATA is not set"
    try:
        with training_tools():
            # Training needs packages that may not be installed.
            from training.data import datasets
            from training.data.dataset import Sources

            known = [dataset for dataset in datasets().values() if not dataset.made_up]
    except ZooError:
        return Line(
            "data sets", "note", f"{where}; the training packages that read them are not installed", "make train-tools"
        )
    here, missing = [], []
    for dataset in known:
        try:
            dataset.read("test", Sources(download=False))
            here.append(dataset.name)
        except ZooError:
            missing.append(dataset.name)
    detail = f"{where}; available: {', '.join(here) or 'none'}"
    if missing:
        detail += f"; missing: {', '.join(missing)}"
        return Line("data sets", "note", detail, "zoo train and zoo evaluate download them, or say how to get them")
    return Line("data sets", "ok", detail)
