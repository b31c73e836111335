"""`zoo predict`: what a model says of files or texts."""

import json
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.table import percent, table
from models.errors import BadInput, ZooError

AT_ONCE = 256  # inputs read before they are answered together
SHOWN = 5  # of the labels


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(predict)


def predict(
    id: Annotated[str, typer.Argument(metavar="ID", help="The model's id, as zoo list prints it.")],
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT...",
            help="Image files, or .json files of what REST takes, or - for an image on stdin; for models of text, texts.",
        ),
    ] = None,
    texts: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="FILE", help="Read texts from FILE, - for stdin: a CSV's column text, else one a line."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write a CSV of answers; then an INPUT may be a folder or a zip of images too."
        ),
    ] = None,
    engine: Annotated[
        str | None, typer.Option(help="onnx or torch; the better one for the device unless said.")
    ] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda or mps; the best there is unless said.")] = None,
) -> None:
    """Say what a model answers to each input.

    \b
    Examples:
      zoo predict mnist-cnn my.png
      zoo predict mnist-cnn *.png --json
      zoo predict mnist-cnn drawing.json   # {"strokes": [[[140, 60], [140, 220]]]}
      zoo predict mnist-cnn scans/ --out answers.csv
    """
    import models
    from app.cli import inputs as read_inputs
    from app.predict_many import answers
    from models import catalog

    task = catalog.find(id).task
    if not inputs and texts is None:
        raise typer.BadParameter("name at least one input, or --from FILE", param_hint="INPUT")
    if texts is not None and task.input != "text":
        raise ZooError(f"--from reads texts, and {id} takes images. Name the image files: zoo predict {id} *.png")
    inputs = inputs or []
    files = [] if task.input == "text" else inputs
    if out is not None:
        from app.cli import csv_output

        csv_output.check(out, files if texts is None else [*files, texts])
    for one in inputs:
        if task.input == "text" and os.path.isfile(one):
            typer.echo(f"{one} is taken as a text; what is in the file of that name is read by --from {one}", err=True)
    predictor = models.load(id, device=device, engine=engine)  # type: ignore[arg-type]
    named = read_inputs.named(inputs, texts, task, out)
    if out is not None:
        return _write(predictor, named, out)
    many = len(inputs) > 1 or texts is not None
    failed, empty = False, True
    for chunk in _chunks(named):
        empty, answered = False, answers(predictor, [raw for _, raw in chunk])
        if not many and isinstance(answered[0], BadInput):
            raise answered[0]
        for (name, _), answer in zip(chunk, answered, strict=True):
            if isinstance(answer, BadInput):
                failed = True
                typer.echo(f"{name}: {answer}", err=True)
                if as_json:
                    print(json.dumps({"input": name, "error": str(answer)}))
            elif as_json:
                print(json.dumps(answer.to_dict(), allow_nan=False))
            elif many:
                _print_line(name, answer)
            else:
                _print_whole(answer, task)
    if empty:
        typer.echo(f"{texts} holds no text.", err=True)
    if failed:
        raise typer.Exit(1)


def _write(predictor: Any, named: Iterator[tuple[str, Any]], out: Path) -> None:
    from app.cli import csv_output

    count, failed = csv_output.write(predictor, named, out)
    typer.echo(f"{count:,} answers in {out}" + (f", {failed:,} of them errors." if failed else "."), err=True)
    if failed:
        raise typer.Exit(1)


def _chunks(items: Iterator[tuple[str, Any]]) -> Iterator[list[tuple[str, Any]]]:
    while chunk := list(islice(items, AT_ONCE)):
        yield chunk


def _print_line(name: str, prediction: Any) -> None:
    label = prediction.label or f"none of these ({prediction.best})"
    print(f"{name[:60]}\t{label}\t{percent(prediction.probabilities[prediction.best])}")


def _print_whole(prediction: Any, task: Any) -> None:
    from app import sentences

    print(sentences.sentence(prediction, task).replace("**", ""))
    top = list(prediction.probabilities.items())[:SHOWN]
    print(table([(f"  {label}", percent(p), "#" * round(40 * p)) for label, p in top], right=(1,)))
    for note in prediction.notes:
        print(note)
    where = f"{prediction.engine} on {prediction.device}"
    print(f"{prediction.milliseconds:.1f} ms, {where}, {prediction.model} {prediction.checkpoint}")
