"""`zoo verify`: whether models still give the answers they promised, on every engine and through every surface."""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import Annotated, Any

import typer

WORDS = {True: "holds", False: "FAILS", None: "not here"}
ROUNDING = 0.001  # by which a share may be off its published one: what another machine's arithmetic moves


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(verify)


def verify(
    context: typer.Context,
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID...]", help="Models, by id or as folders; all of the catalog unless said."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")] = False,
    evaluate: Annotated[
        bool, typer.Option("--evaluate", help="Measure the published figures anew as well; needs the data sets.")
    ] = False,
) -> None:
    """Check models' files against their hashes, and their golden answers on every engine and through every surface.

    The surfaces are those of a server that is started for it: command line, page, REST, Gradio and MCP. A line for each; what was
    found is kept in ZOO_HOME/verified and stands on the model's page. Exit code 1 if anything fails.

    \b
    Examples:
      zoo verify
      zoo verify mnist-cnn
      zoo verify path/to/a/checkpoint --evaluate
    """
    # One small input at a time: threads would cost more than they bring, and a great deal more on busy cores.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from app import settings

    settings.quiet()
    from app.cli.temporary_models import folder_of, standing
    from app.verify.local_server import LocalServer
    from app.verify.records import Check
    from models import catalog

    names = targets or [model.id for model in catalog.models()] + list(catalog.problems())
    folders = {name: folder for name in names if (folder := folder_of(name))}
    zoo = partial(context.find_root().command.main, standalone_mode=False)
    failed, widest = False, max(map(len, names), default=0)
    with standing(list(folders.values())) as ids, ExitStack() as stack:
        server: Any = None
        for name in names:
            id = ids[folders[name]] if name in folders else name
            try:
                if isinstance(id, catalog.BadCheckpoint):
                    raise id
                catalog.find(id)
                server = server or stack.enter_context(LocalServer())
                found = _verified(id, server, zoo, evaluate)
            except catalog.BadCheckpoint as error:
                found = iter([Check(what="files", holds=False, found=str(error))])
            for check in found:
                failed |= check.holds is False
                _print(name.ljust(widest), check, as_json)
    if failed:
        raise typer.Exit(1)


def _verified(id: str, server: Any, zoo: Any, evaluate: bool) -> Iterator[Any]:
    """The checks of one model, kept once all are done."""
    from app.verify import records
    from app.verify.checks import verify
    from models import catalog
    from models.checkpoint import Checkpoint
    from models.errors import ZooError

    model, done = catalog.find(id), []
    for check in verify(id, server, zoo):
        done.append(check)
        yield check
    if evaluate and done[0].holds:
        for check in _figures(model):
            done.append(check)
            yield check
    try:
        records.keep(Checkpoint.open(model.path), done)
    except ZooError as error:
        print(f"What was found of {id} is not kept: {error}", file=sys.stderr)


def _figures(model: Any) -> Iterator[Any]:
    """Each published share, measured anew: how often it is right, and on inputs not of the task how often it says so."""
    from app.verify.records import Check
    from models.checkpoint import Checkpoint

    evaluation = Checkpoint.open(model.path).evaluation
    published = {name: (figure.accuracy, "accuracy") for name, figure in model.config.figures.items()}
    published |= {name: (figures.abstained, "abstained") for name, figures in evaluation.ood.items()}
    for name, (share, what) in published.items():
        began = time.perf_counter()
        holds, found = _measured(model, name, share, what)
        seconds = round(time.perf_counter() - began, 2)
        yield Check(what=f"figures on {name}", holds=holds, found=found, seconds=seconds)


def _measured(model: Any, name: str, published: float, what: str) -> tuple[bool | None, str]:
    from app.cli.training_tools import training_tools
    from models.errors import ZooError

    try:
        with training_tools():
            from training import evaluate

            got = evaluate.evaluate(model.id, name)
    except ZooError as error:
        return None, str(error)
    share = getattr(got.figures, what, None)
    if share is None or abs(share - published) > ROUNDING:
        return (
            False,
            f"{what} is {share if share is None else f'{share:.2%}'} of {got.figures.n:,}, published is {published:.2%}",
        )
    return True, f"{what} {share:.2%} of {got.figures.n:,}, published is {published:.2%}"


def _print(name: str, check: Any, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"id": name.rstrip(), **check.model_dump()}), flush=True)
    else:
        took = f"{check.seconds:.1f} s"
        print(f"{name}  {check.what:20}  {WORDS[check.holds]:8}  {took:>7}  {check.found}", flush=True)
