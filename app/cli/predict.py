"""`zoo predict`: a model's predictions for files or texts."""

import json
import os
from collections.abc import Iterable
from contextlib import nullcontext
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import typer

from models.console import percent, table
from models.errors import BadInput, ZooError, printable

SHOWN = 5  # labels
SHOWN_LETTERS = 60  # of an input among many


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(predict)


def predict(
    id: Annotated[str, typer.Argument(metavar="ID", help="The model's id, as zoo list prints it.")],
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT...",
            help="Image files, .json files with a REST request, addresses such as s3://bucket/my.png, or - for an "
            "image on stdin; texts for text models.",
        ),
    ] = None,
    field: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A value, for tabular models; repeat it for each field."),
    ] = None,
    texts: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="Read texts from FILE (- for stdin): the text column of a CSV, TSV or Parquet file, or one per line; "
            "for tabular models, a table with a column for each field.",
        ),
    ] = None,
    text_column: Annotated[
        str | None, typer.Option(metavar="HEADING", help="With --from: the column of the texts (default: text).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON Lines.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write predictions to a CSV file; INPUT may then also be a folder, its address, or a zip file.",
        ),
    ] = None,
    bom: Annotated[
        bool, typer.Option("--bom", help="With --out: begin the CSV with a byte order mark, for Excel.")
    ] = False,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="With --out: compute on Ray, also on many machines. local starts it on this machine for this command; "
            "auto is the cluster that this machine belongs to; or HOST:PORT.",
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
      zoo predict diabetes-mlp --field Age=44 --field BMI=31.5
      zoo predict reviews-gru --from films.csv --out answers.csv   # a row for each, with its line and other columns
    """
    # Imported here so that `zoo --help` stays fast.
    import models
    from app.cli import inputs as read_inputs
    from models import catalog

    task = catalog.find(id).task
    if not inputs and not field and texts is None:
        ways = {
            "fields": "pass --field NAME=VALUE for each value, or --from FILE",
            "text": "pass a text, or --from FILE",
        }
        raise typer.BadParameter(ways.get(task.input, "pass at least one image file"), param_hint="INPUT")
    if texts is not None and task.input not in ("text", "fields"):
        raise ZooError(f"--from reads texts, but {id} takes images. Pass the image files: zoo predict {id} *.png")
    if field and task.input != "fields":
        raise ZooError(f"--field is for tabular models; {id} has the input kind {task.input}. Omit it.")
    if text_column is not None and (texts is None or task.input != "text"):
        raise ZooError("--text-column names a column of the file of --from; add --from FILE, or omit it.")
    if bom and out is None:
        raise ZooError("--bom is for the CSV of --out; add --out FILE, or omit it.")
    if ray is not None and out is None:
        raise ZooError("--ray computes the CSV of --out; add --out FILE, or omit it.")
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
    with read_inputs.rows(texts, text_column, task) if texts is not None else nullcontext() as rows:
        for note in rows.notes if rows else ():
            typer.echo(printable(note), err=True)
        entered = [(" ".join(field), read_inputs.fields(field, task))] if field else []
        named = chain(entered, read_inputs.named(inputs, task, out, unread=ray is not None), rows.rows if rows else ())
        headings = rows.headings if rows else None
        if ray is not None and out is not None:
            from app.cli import ray_output, ray_predict

            job = ray_predict.job(id, device, engine, headings)
            _report(out, *ray_output.write(ray, job, task, named, out, bom))
            return
        predictor = models.load(id, device=device, engine=engine)  # type: ignore[arg-type]
        if out is not None:
            from app.cli import csv_output  # rich's progress bar, needed by --out alone

            _report(out, *csv_output.write(predictor, named, out, headings, bom))
        else:
            _print_all(
                predictor, named, many=len(inputs) + len(entered) > 1 or rows is not None, as_json=as_json, source=texts
            )


def _report(out: Path, count: int, failed: int) -> None:
    """Print what was written. Raises Exit with code 1 if some are errors."""
    errors = f", {failed:,} of them errors" if failed else ""
    typer.echo(f"Wrote {count:,} rows to {printable(str(out))}{errors}.", err=True)
    if failed:
        raise typer.Exit(1)


def _print_all(
    predictor: Any, named: Iterable[tuple[Any, Any]], *, many: bool, as_json: bool, source: str | None
) -> None:
    """Print the answer to each input, in order; a row of the file `source` gets its line, also if it is refused."""
    from app.batch import TextRow
    from app.predict_many import predict_many

    count = failed = 0
    for name, answer in predict_many(predictor, named):
        count += 1
        row = name if isinstance(name, TextRow) else None
        if isinstance(answer, BadInput):
            if not many:
                raise answer
            failed += 1
        if as_json:
            print(_as_json(name, answer))
        elif row:
            print(f"{row.line}\t{_shown(name)}\t{_answer(answer)}")
        elif not isinstance(answer, BadInput):
            print(f"{_shown(name)}\t{_answer(answer)}") if many else _print_whole(answer, predictor.task)
        if isinstance(answer, BadInput) and not row:
            typer.echo(f"{printable(name)}: {answer}", err=True)
    if not count:
        typer.echo(f"{printable(source or '')} contains no text.", err=True)
    if failed and source is not None:
        typer.echo(f"{failed:,} of {count:,} could not be answered.", err=True)
    if failed:
        raise typer.Exit(1)


def _as_json(name: Any, answer: Any) -> str:
    """One line of JSON: the prediction or error; for a row of a file also its line, text and other columns."""
    from app.batch import TextRow

    values = {"input": name, "error": str(answer)} if isinstance(answer, BadInput) else answer.to_dict()
    if isinstance(name, TextRow):
        values = {"line": name.line, **values, "input": name.text, "columns": dict(name.others)}
    return json.dumps(values, allow_nan=False)


def _shown(name: Any) -> str:
    """The start of an input's name or text, on one line."""
    text = str(name)
    return printable(text if len(text) <= SHOWN_LETTERS else f"{text[: SHOWN_LETTERS - 1]}\u2026")


def _answer(answer: Any) -> str:
    if isinstance(answer, BadInput):
        return f"error: {answer}"
    label = answer.label or f"none of these ({answer.best})"
    columns = (label, percent(answer.probabilities[answer.best]), " ".join(answer.notes))
    return "\t".join(map(printable, columns)).rstrip("\t")


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
