"""`zoo doctor`: what this machine has for the zoo, and what to do where something is missing."""

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(doctor)


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Say what this machine has: Python, libraries, device, models, data, folders, the Hub's log-in, the port, a browser.

    Each line is "ok", a "note" (all works; something to know) or "mend"; what may be done stands behind the arrow. Nothing is asked
    of the network, no token is read. Exit code 1 if anything is to be mended.

    \b
    Examples:
      zoo doctor
      zoo doctor --json
    """
    from app.doctor import look

    lines = []
    for line in (line for part in (look(), (_data(),)) for line in part):
        lines.append(line)
        if not as_json:
            print(f"{line.state:4}  {line.what:10}  {line.found}" + (f"  -> {line.do}" if line.do else ""), flush=True)
    if as_json:
        print(json.dumps([asdict(line) for line in lines], indent=1))
    if any(line.state == "mend" for line in lines):
        raise typer.Exit(1)


def _data() -> Any:
    """Which data sets can be read here without fetching anything; made-up ones always can."""
    from app.cli.training_tools import training_tools
    from app.doctor import Line
    from models import paths
    from models.errors import ZooError

    root = paths.data_root()
    if root and not root.is_dir():
        return Line(
            "data sets", "mend", f"ZOO_DATA is {root}, which is no folder", "Name the folder or unset ZOO_DATA."
        )
    where = f"in {root}" if root else "ZOO_DATA names no folder"
    try:
        with training_tools():
            from training.data import datasets
            from training.data.dataset import offline

            known = [dataset for dataset in datasets().values() if not dataset.made_up]
    except ZooError:
        return Line(
            "data sets", "note", f"{where}; training's packages, which read them, are not here", "make train-tools"
        )
    here, missing = [], []
    for dataset in known:
        try:
            with offline():
                dataset.read("test", root)
            here.append(dataset.name)
        except ZooError:
            missing.append(dataset.name)
    found = f"{where}; here: {', '.join(here) or 'none'}"
    if missing:
        found += f"; not here: {', '.join(missing)}"
        return Line(
            "data sets", "note", found, "zoo train and zoo evaluate fetch what can be fetched, or say how to get it"
        )
    return Line("data sets", "ok", found)
