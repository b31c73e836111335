"""`zoo verify`: check that models still give their expected answers, on every engine and through every surface."""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import Annotated, Any

import typer

from app.cli.training_tools import training_tools
from models.errors import ZooError

STATES = {True: "passed", False: "FAILED", None: "not available"}
ROUNDING = 0.001  # by which a figure may differ from the published one, on another machine's arithmetic


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(verify)


def verify(
    context: typer.Context,
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID...]", help="Models, by id or folder; default: all."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON Lines.")] = False,
    evaluate: Annotated[
        bool, typer.Option("--evaluate", help="Also measure the published figures again; needs the data sets.")
    ] = False,
) -> None:
    """Check models' files and expected answers.

    Compares each file with its hash, and the recorded answers with those of every engine and interface: command line,
    page, REST, Gradio and MCP. Starts a server for the check. Results are stored in ZOO_HOME/verified and shown on the
    model's page. Exit code 1 if any check fails.

    \b
    Examples:
      zoo verify
      zoo verify mnist-cnn
      zoo verify path/to/a/checkpoint --evaluate
    """
    # Inputs are small and come one at a time, so threads would only cost time, most of all on busy cores.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from app import settings

    settings.quiet()
    # After quiet(), and only now so that `zoo --help` stays fast.
    from app.cli.temporary_models import added, folder_of
    from app.verify.local_server import LocalServer
    from app.verify.records import Check
    from models import catalog

    names = targets or [model.id for model in catalog.models()] + list(catalog.problems())
    folders = {name: folder for name in names if (folder := folder_of(name))}
    zoo = partial(context.find_root().command.main, standalone_mode=False)
    failed, widest = False, max(map(len, names), default=0)
    with added(list(folders.values())) as ids, ExitStack() as stack:
        server: Any = None
        for name in names:
            id = ids[folders[name]] if name in folders else name
            try:
                if isinstance(id, catalog.BadCheckpoint):
                    raise id
                catalog.find(id)
                server = server or stack.enter_context(LocalServer())
                checks = _verified(id, server, zoo, evaluate)
            except catalog.BadCheckpoint as error:
                checks = iter([Check(what="files", holds=False, detail=str(error))])
            for check in checks:
                failed |= check.holds is False
                _print(name.ljust(widest), check, as_json)
    if failed:
        raise typer.Exit(1)


def _verified(id: str, server: Any, zoo: Any, evaluate: bool) -> Iterator[Any]:
    """The checks of one model, stored once all are done."""
    # Imported here so that `zoo --help` stays fast.
    from app.verify import records
    from app.verify.checks import verify
    from models import catalog
    from models.checkpoint import Checkpoint

    model, done = catalog.find(id), []
    for check in verify(id, server, zoo):
        done.append(check)
        yield check
    if evaluate and done[0].holds:
        for check in _figures(model):
            done.append(check)
            yield check
    try:
        records.save(Checkpoint.open(model.path), done)
    except ZooError as error:
        print(f"The results for {id} were not stored: {error}", file=sys.stderr)


def _figures(model: Any) -> Iterator[Any]:
    """Each published figure, measured again: accuracy, and on out-of-distribution sets the share of abstentions."""
    # Imported here so that `zoo --help` stays fast.
    from app.verify.records import Check
    from models.checkpoint import Checkpoint

    evaluation = Checkpoint.open(model.path).evaluation
    published = {name: (figures.accuracy, "accuracy") for name, figures in evaluation.test.items()}
    published |= {name: (figures.abstained, "abstained") for name, figures in evaluation.ood.items()}
    for name, (share, what) in published.items():
        began = time.perf_counter()
        holds, detail = _measured(model, name, share, what)
        seconds = round(time.perf_counter() - began, 2)
        yield Check(what=f"figures on {name}", holds=holds, detail=detail, seconds=seconds)


def _measured(model: Any, name: str, published: float, what: str) -> tuple[bool | None, str]:
    try:
        with training_tools():
            from training import evaluate  # an optional part

            measured = evaluate.evaluate(model.id, name)
    except ZooError as error:
        return None, str(error)
    share = getattr(measured.figures, what, None)
    if share is None or abs(share - published) > ROUNDING:
        return (
            False,
            f"{what} {share if share is None else f'{share:.2%}'} of {measured.figures.n:,}, published {published:.2%}",
        )
    return True, f"{what} {share:.2%} of {measured.figures.n:,}, published {published:.2%}"


def _print(name: str, check: Any, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"id": name.rstrip(), **check.model_dump()}), flush=True)
    else:
        took = f"{check.seconds:.1f} s"
        print(f"{name}  {check.what:20}  {STATES[check.holds]:13}  {took:>7}  {check.detail}", flush=True)
