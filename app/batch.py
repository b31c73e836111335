"""A CSV of predictions, and inputs from zip and CSV files, in bounded memory: `zoo predict --out` and the task pages.

The files in a zip are unpacked one by one and bounded as they are read.
"""

import csv
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Any

from models import csv_dialect
from models.errors import BadInput, TooLarge
from models.inputs.picture import MAX_BYTES
from models.prediction import Prediction

COLUMNS = ("input", "label", "best", "probability", "notes", "error")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # the first characters of cells that a spreadsheet would evaluate


def write(file: IO[str], rows: Iterable[tuple[str, Prediction | BadInput]]) -> Iterator[bool]:
    """Write the CSV's header and a row for each prediction, as they come; yields whether each input could be read.

    label is empty where the model abstains. A cell that a spreadsheet would take for a formula gets an apostrophe.
    """
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for name, answer in rows:
        writer.writerow(map(_as_text, (name, *_cells(answer))))
        yield not isinstance(answer, BadInput)


@contextmanager
def opened(file: Path | IO[bytes], filename: str) -> Iterator[tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]]:
    """A zip file and its entries except folders and hidden files. Raises BadInput for one that Python cannot read."""
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive, [entry for entry in archive.infolist() if not _is_skipped(entry)]
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:  # the last: a newer kind of zip
        reason = getattr(error, "strerror", None) or error
        raise BadInput(
            f"{filename} cannot be read as a zip file: {reason}. Choose another zip file, or create it again."
        ) from error


def zipped(file: Path | IO[bytes], filename: str) -> Iterator[tuple[str, Any]]:
    """Name and raw input of each file in a zip, in its order; a BadInput for one that cannot be unpacked.

    Writes no file.
    """
    with opened(file, filename) as (archive, entries):
        for entry in entries:
            yield f"{filename}/{entry.filename}", _member(archive, entry)


def _is_skipped(entry: zipfile.ZipInfo) -> bool:
    hidden = Path(entry.filename).name.startswith(".") or entry.filename.startswith("__MACOSX/")
    return entry.is_dir() or hidden


def texts(lines: Iterable[str], filename: str) -> Iterator[str]:
    """The texts in a CSV's column `text`, or one per line in other files.

    A file whose name does not end in .csv is read as a CSV only if its first line has that column.
    Raises BadInput for a .csv without that column, whose first line may be a header or a text.
    """
    lines, is_csv = iter(lines), filename.lower().endswith(".csv")
    try:
        first = next(lines, "").removeprefix("\ufeff")
        # In a file that may be plain text, only a cell that is exactly `text` makes the first line a header.
        found = csv_dialect.find_columns(first, ["text"], csv_dialect.normalized if is_csv else str)
        if found:
            delimiter, (column,) = found
            yield from (row[column] for row in csv.reader(lines, delimiter=delimiter) if len(row) > column)
            return
        if first and is_csv:
            raise BadInput(
                f"{filename} has no column named text: its first line is {first.strip()[:60]!r}. Rename the column to "
                "read to text; if the file has no header, save it as .txt with one text per line."
            )
        yield from (line.rstrip("\r\n") for line in chain([first] if first else [], lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadInput(f"Could not read {filename}: {reason}. Pass a CSV or text file in UTF-8.") from error


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | BadInput:
    """The file's bytes, or why it is refused (locked, damaged, larger than MAX_BYTES whatever the archive declares)."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # Python unpacks other methods as a whole
        return BadInput(
            "This file in the zip is compressed with an unsupported method; compress it with deflate, the default."
        )
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


def _as_text(cell: str) -> str:
    text = f"'{cell}" if cell.startswith(FORMULA) else cell
    return text.replace("\r\n", "\n").replace("\r", "\n")  # the writer does not quote a cell with a lone \r
