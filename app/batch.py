"""Many inputs to a CSV of answers, a few at a time, in flat memory: `zoo predict --out` and the task pages alike.

What is given is unfolded here too: the files in a zip, unpacked one by one and bounded as they are read, and the texts in a CSV.
"""

import csv
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Any

from app.predict_many import AT_ONCE, answers
from models.errors import BadInput, TooLarge
from models.inputs.picture import MAX_BYTES
from models.prediction import Prediction
from models.predictor import Predictor

COLUMNS = ("input", "label", "best", "probability", "notes", "error")
DIVIDERS = ",;\t"  # a spreadsheet's "CSV" may have any of them
HELD = 2 * MAX_BYTES  # bytes of unpacked files that wait to be answered together, about


def answered(predictor: Predictor, inputs: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Prediction | BadInput]]:
    """Name and answer of each named raw input, in their order; a BadInput among the inputs was refused before."""
    for chunk in _chunks(inputs):
        given = answers(predictor, [raw for _, raw in chunk])
        yield from zip((name for name, _ in chunk), given, strict=True)


def write(file: IO[str], rows: Iterable[tuple[str, Prediction | BadInput]]) -> Iterator[bool]:
    """Write the CSV's head and a row for each answer, as they come; for each, whether it could be read.

    label is empty where the model says none of these.
    """
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for name, answer in rows:
        writer.writerow((name, *_cells(answer)))
        yield not isinstance(answer, BadInput)


@contextmanager
def opened(file: Path | IO[bytes], called: str) -> Iterator[tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]]:
    """A zip and what it lists but for folders and hidden files. Raises BadInput where it is none, or one that Python cannot read."""
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive, [entry for entry in archive.infolist() if not _is_passed_over(entry)]
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:  # the last: a newer kind of zip
        reason = getattr(error, "strerror", None) or error
        raise BadInput(f"{called} is no zip that can be read: {reason}. Name a zip file, or pack it again.") from error


def zipped(file: Path | IO[bytes], called: str) -> Iterator[tuple[str, Any]]:
    """Name and raw input of each file in a zip, in its order; one that cannot be unpacked is a BadInput. Nothing is written anywhere."""
    with opened(file, called) as (archive, entries):
        for entry in entries:
            yield f"{called}/{entry.filename}", _member(archive, entry)


def _is_passed_over(entry: zipfile.ZipInfo) -> bool:
    hidden = Path(entry.filename).name.startswith(".") or entry.filename.startswith("__MACOSX/")
    return entry.is_dir() or hidden


def texts(lines: Iterable[str], called: str) -> Iterator[str]:
    """The texts in a CSV's column `text`, or one a line in a file that is not called .csv and has no such column.

    Raises BadInput for a .csv without that column: nobody can tell whether its first line is a heading or a text.
    """
    lines, is_csv = iter(lines), called.lower().endswith(".csv")
    try:
        first = next(lines, "").removeprefix("\ufeff")
        for divider in DIVIDERS:
            header = next(csv.reader([first], delimiter=divider), [])
            names = [cell.strip().lower() for cell in header] if is_csv else header
            if "text" in names:
                column = names.index("text")
                yield from (row[column] for row in csv.reader(lines, delimiter=divider) if len(row) > column)
                return
        if first and is_csv:
            raise BadInput(
                f"{called} has no column called text: its first line is {first.strip()[:60]!r}. Write text above the column "
                "that is to be read, or, where it has no heading, save it as .txt with one text a line."
            )
        yield from (line.rstrip("\r\n") for line in chain([first] if first else [], lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadInput(f"Could not read {called}: {reason}. Name a CSV or text file in UTF-8.") from error


def _chunks(inputs: Iterable[tuple[str, Any]]) -> Iterator[list[tuple[str, Any]]]:
    chunk, held = [], 0
    for name, raw in inputs:
        chunk.append((name, raw))
        held += len(raw) if isinstance(raw, bytes) else 0
        if len(chunk) == AT_ONCE or held > HELD:
            yield chunk
            chunk, held = [], 0
    if chunk:
        yield chunk


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
