"""`zoo predict`: what a model says of files or texts."""

import json
import sys
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.table import percent, table

AT_ONCE = 256  # inputs read before they are answered together
MOST = 32 * 2**20  # bytes of a .json file, as many as REST takes
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
    from app.many import answers
    from models import catalog
    from models.errors import BadInput, ZooError

    task = catalog.find(id).task
    if not inputs and texts is None:
        raise typer.BadParameter("name at least one input, or --from FILE", param_hint="INPUT")
    if texts is not None and task.input != "text":
        raise ZooError(f"--from reads texts, and {id} takes images. Name the image files: zoo predict {id} *.png")
    predictor = models.load(id, device=device, engine=engine)  # type: ignore[arg-type]
    if out is not None:
        return _write(predictor, inputs or [], texts, out)
    many = len(inputs or ()) > 1 or texts is not None
    failed = False
    for chunk in _chunks(_named(inputs or [], texts, task)):
        given = answers(predictor, [raw for _, raw in chunk])
        if not many and isinstance(given[0], BadInput):
            raise given[0]
        for (name, _), answer in zip(chunk, given, strict=True):
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
    if failed:
        raise typer.Exit(1)


def _write(predictor: Any, inputs: list[str], texts: str | None, out: Path) -> None:
    from app.cli import batch

    named = chain(batch.unfolded(inputs, predictor.task.input), _named([], texts, predictor.task))
    count, failed = batch.write(predictor, named, out)
    typer.echo(f"{count:,} answers in {out}" + (f", {failed:,} of them errors." if failed else "."), err=True)
    if failed:
        raise typer.Exit(1)


def _named(inputs: list[str], texts: str | None, task: Any) -> Iterator[tuple[str, Any]]:
    """Each input's name and its raw input; a BadInput where a .json file holds none."""
    for given in inputs:
        if task.input == "text":
            yield given, given
        elif given == "-":
            yield "stdin", sys.stdin.buffer.read()
        elif given.endswith(".json"):
            yield given, _drawn(Path(given), task)
        else:
            yield given, Path(given)
    if texts is not None:
        for text in _texts(texts):
            yield text, text


def _drawn(file: Path, task: Any) -> Any:
    """What a .json file holds: `{"strokes": ..., "pen": 18}` or `{"image": "<base64>"}`."""
    from app import raw
    from models.errors import BadInput

    try:
        if file.stat().st_size > MOST:
            raise BadInput(f"{file} has more than {MOST // 2**20} MB; name a smaller file.")
        return raw.raw(raw.parse(file.read_bytes()), task)
    except BadInput as error:
        return error
    except OSError as error:
        return BadInput(f"{file} cannot be read: {error.strerror}. Name a file that is there.")


def _texts(file: str) -> Iterator[str]:
    from app import batch
    from models.errors import BadInput

    try:
        with open(0 if file == "-" else file, encoding="utf-8", newline="", closefd=file != "-") as lines:
            yield from batch.texts(lines, file)
    except OSError as error:
        raise BadInput(
            f"Could not read {file}: {error.strerror or error}. Name a CSV or text file in UTF-8."
        ) from error


def _chunks(items: Iterator[tuple[str, Any]]) -> Iterator[list[tuple[str, Any]]]:
    while chunk := list(islice(items, AT_ONCE)):
        yield chunk


def _print_line(name: str, prediction: Any) -> None:
    label = prediction.label or f"none of these ({prediction.best})"
    print(f"{name[:60]}\t{label}\t{percent(prediction.probabilities[prediction.best])}")


def _print_whole(prediction: Any, task: Any) -> None:
    from app import words

    print(words.sentence(prediction, task).replace("**", ""))
    top = list(prediction.probabilities.items())[:SHOWN]
    print(table([(f"  {label}", percent(p), "#" * round(40 * p)) for label, p in top], right=(1,)))
    for note in prediction.notes:
        print(note)
    where = f"{prediction.engine} on {prediction.device}"
    print(f"{prediction.milliseconds:.1f} ms, {where}, {prediction.model} {prediction.checkpoint}")
