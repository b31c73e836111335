"""`zoo predict`: a model's predictions for files or texts."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.table import percent, table
from models.errors import BadInput, ZooError, printable

SHOWN = 5  # labels


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(predict)


def predict(
    id: Annotated[str, typer.Argument(metavar="ID", help="The model's id, as zoo list prints it.")],
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT...",
            help="Image files, .json files with a REST request, or - for an image on stdin; texts for text models.",
        ),
    ] = None,
    texts: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="Read texts from FILE (- for stdin): the text column of a CSV, or one per line.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON Lines.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write predictions to a CSV file; INPUT may then also be a folder or a zip file."
        ),
    ] = None,
    engine: Annotated[str | None, typer.Option(help="onnx or torch; default: onnx on a CPU, torch on a GPU.")] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda or mps; default: the fastest available.")] = None,
) -> None:
    """Predict the label of each input.

    \b
    Examples:
      zoo predict mnist-cnn my.png
      zoo predict mnist-cnn *.png --json
      zoo predict mnist-cnn drawing.json   # {"strokes": [[[140, 60], [140, 220]]]}
      zoo predict mnist-cnn scans/ --out answers.csv
    """
    # Imported here so that `zoo --help` stays fast.
    import models
    from app.cli import inputs as read_inputs
    from app.predict_many import predict_many
    from models import catalog

    task = catalog.find(id).task
    if not inputs and texts is None:
        raise typer.BadParameter("pass at least one input, or --from FILE", param_hint="INPUT")
    if texts is not None and task.input != "text":
        raise ZooError(f"--from reads texts, but {id} takes images. Pass the image files: zoo predict {id} *.png")
    inputs = inputs or []
    files = [] if task.input == "text" else inputs
    if out is not None:
        from app.cli import csv_output  # rich's progress bar, needed by --out alone

        csv_output.check(out, files if texts is None else [*files, texts])
    for text in inputs:
        if task.input == "text" and os.path.isfile(text):
            typer.echo(
                f"{printable(text)} is read as text; to read the file of that name, use --from {printable(text)}",
                err=True,
            )
    predictor = models.load(id, device=device, engine=engine)  # type: ignore[arg-type]
    named = read_inputs.named(inputs, texts, task, out)
    if out is not None:
        return _write(predictor, named, out)
    many = len(inputs) > 1 or texts is not None
    failed, empty = False, True
    for name, answer in predict_many(predictor, named):
        empty = False
        if isinstance(answer, BadInput):
            if not many:
                raise answer
            failed = True
            typer.echo(f"{printable(name)}: {answer}", err=True)
            if as_json:
                print(json.dumps({"input": name, "error": str(answer)}))
        elif as_json:
            print(json.dumps(answer.to_dict(), allow_nan=False))
        elif many:
            _print_line(name, answer)
        else:
            _print_whole(answer, task)
    if empty:
        typer.echo(f"{texts} contains no text.", err=True)
    if failed:
        raise typer.Exit(1)


def _write(predictor: Any, named: Iterator[tuple[str, Any]], out: Path) -> None:
    from app.cli import csv_output  # rich's progress bar, needed by --out alone

    count, failed = csv_output.write(predictor, named, out)
    errors = f", {failed:,} of them errors" if failed else ""
    typer.echo(f"Wrote {count:,} rows to {out}{errors}.", err=True)
    if failed:
        raise typer.Exit(1)


def _print_line(name: str, prediction: Any) -> None:
    label = prediction.label or f"none of these ({prediction.best})"
    columns = (name[:60], label, percent(prediction.probabilities[prediction.best]), " ".join(prediction.notes))
    print("\t".join(map(printable, columns)).rstrip("\t"))


def _print_whole(prediction: Any, task: Any) -> None:
    # Imported here so that `zoo --help` stays fast.
    from app import sentences

    print(printable(sentences.sentence(prediction, task).replace("**", "")))
    top = list(prediction.probabilities.items())[:SHOWN]
    print(table([(f"  {label}", percent(p), "#" * round(40 * p)) for label, p in top], right=(1,)))
    for note in prediction.notes:
        print(printable(note))
    where = f"{prediction.engine} on {prediction.device}"
    print(f"{prediction.milliseconds:.1f} ms, {where}, {prediction.model} {prediction.checkpoint}")
