"""`zoo predict --out`: a folder, a zip or a CSV of inputs to a CSV of answers, a few at a time, so that memory stays flat."""

import csv
import os
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from app.many import AT_ONCE, answers
from models.errors import BadInput, TooLarge, ZooError
from models.inputs.picture import MAX_BYTES
from models.prediction import Prediction
from models.predictor import Predictor

COLUMNS = ("input", "label", "best", "probability", "notes", "error")


def write(predictor: Predictor, inputs: Iterable[tuple[str, Any]], out: Path) -> tuple[int, int]:
    """Answer named raw inputs in their order into the CSV `out`; how many there were, and how many could not be read.

    label is empty where the model says none of these; a BadInput among the inputs was refused before. `out` is replaced once all
    is written.
    """
    if not out.name or out.is_dir():
        raise ZooError(f"{out} is a folder; name a file with --out, such as answers.csv.")
    part = out.with_name(f".{out.name}.part")
    count = failed = 0
    console = Console(stderr=True)
    rows = track(iter(inputs), "Answering", console=console, transient=True, disable=not console.is_terminal)
    try:
        # A file's name need not be UTF-8, hence backslashes.
        with part.open("w", newline="", encoding="utf-8", errors="backslashreplace") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            while chunk := list(islice(rows, AT_ONCE)):
                for (name, _), answer in zip(chunk, answers(predictor, [raw for _, raw in chunk]), strict=True):
                    writer.writerow((name, *_cells(answer)))
                    count, failed = count + 1, failed + isinstance(answer, BadInput)
        os.replace(part, out)
    except OSError as error:
        raise ZooError(f"Could not write {out}: {error.strerror or error}. Name another file with --out.") from error
    finally:
        part.unlink(missing_ok=True)
    return count, failed


def unfolded(given: Iterable[str], kind: str) -> Iterator[tuple[str, Any]]:
    """Name and raw input of each file, of each file in a folder (by name, its folders too) and of each in a zip; of texts, themselves."""
    for one in given:
        if kind == "text":
            yield one, one
        elif one == "-":
            yield "stdin", sys.stdin.buffer.read(MAX_BYTES + 1)
        elif Path(one).is_dir():
            for folder, folders, files in os.walk(one):
                folders.sort()
                yield from (
                    (os.path.join(folder, file), Path(folder, file)) for file in sorted(files) if file[0] != "."
                )
        elif one.lower().endswith(".zip"):
            yield from _zipped(Path(one))
        else:
            yield one, Path(one)


def _zipped(path: Path) -> Iterator[tuple[str, Any]]:
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                hidden = Path(entry.filename).name.startswith(".") or entry.filename.startswith("__MACOSX/")
                if not entry.is_dir() and not hidden:
                    yield f"{path}/{entry.filename}", _member(archive, entry)
    except (OSError, zipfile.BadZipFile) as error:
        raise BadInput(
            f"Could not read {path}: {getattr(error, 'strerror', None) or error}. Name a zip file."
        ) from error


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | BadInput:
    """The file's bytes, no more than MAX_BYTES unpacked whatever the archive says of itself, or why it cannot be had (locked, damaged)."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # of others Python unpacks all at once
        return BadInput("This file in the zip is packed in an unusual way; pack it with deflate, as most programs do.")
    try:
        with archive.open(entry) as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, RuntimeError, zipfile.BadZipFile, zlib.error, ValueError, EOFError) as error:
        return BadInput(f"This file in the zip cannot be unpacked: {error}")
    if len(data) > MAX_BYTES:
        return TooLarge(f"This file is larger than {MAX_BYTES // 2**20} MB; send a smaller one.")
    return data


def _cells(answer: Prediction | BadInput) -> tuple[str, ...]:
    if isinstance(answer, BadInput):
        return "", "", "", "", str(answer)
    return answer.label or "", answer.best, f"{answer.probabilities[answer.best]:.6f}", " ".join(answer.notes), ""
