"""A CSV of predictions, and inputs from zip and text files, in bounded memory: `zoo predict --out` and the task pages.

The files in a zip are unpacked one by one and bounded as they are read.
"""

import csv
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from models import csv_table, text_file
from models.clutter import is_clutter
from models.errors import BadInput, TooLarge
from models.field import Field
from models.inputs.fields import from_texts
from models.inputs.picture import MAX_BYTES
from models.prediction import Prediction

SHOWN_FIELDS = 10  # names in a message
COLUMNS = ("input", "label", "best", "probability", "notes", "error")
FORMULA = re.compile(r"[\t\r\n]|[\s\ufeff\u200b]*[=+\-@\uff1d\uff0b\uff0d\uff20]")  # how cells that are evaluated begin
TABLES = (".csv", ".tsv", ".tab")  # endings of files that are tables; others are if their first line has a cell `text`


@dataclass(frozen=True)
class TextRow:
    """A text from a file. line: where it begins, from 1. others: the row's other cells, by heading."""

    text: str
    line: int
    others: Mapping[str, str]

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Texts:
    """The texts, or the inputs of fields, in a file that can be read to its end.

    rows: each row with its raw input, or with the BadInput why it cannot be used. headings: of the other columns, or of
    all columns of a table of fields. notes: for the user, on how the file was read.
    """

    rows: Iterator[tuple[TextRow, Any]]
    headings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def write(
    file: IO[str], rows: Iterable[tuple[Any, Prediction | BadInput]], headings: Sequence[str] | None = None
) -> Iterator[bool]:
    """Write the CSV's header and a row for each prediction, as they come; yields whether each input could be read.

    The arguments are those of `write_rows`.
    """
    write_header(file, headings)
    yield from write_rows(file, rows, headings)


def write_header(file: IO[str], headings: Sequence[str] | None = None) -> None:
    """Write the names of the columns. headings: as for `write_rows`."""
    own = COLUMNS if headings is None else (*COLUMNS, "line")
    copied = [f"{heading} (input)" if heading in own else heading for heading in headings or ()]
    csv.writer(file, lineterminator="\n").writerow(map(_as_text, (*own, *copied)))


def write_rows(
    file: IO[str], rows: Iterable[tuple[Any, Prediction | BadInput]], headings: Sequence[str] | None = None
) -> Iterator[bool]:
    """Write a row for each prediction, as they come; yields whether each input could be read.

    rows: name or TextRow, and answer. headings: of the other columns of a file with texts; None without such a file.
    label is empty where the model abstains. A cell that a spreadsheet would take for a formula gets an apostrophe.
    """
    writer = csv.writer(file, lineterminator="\n")
    for name, answer in rows:
        cells = [str(name), *_cells(answer)]
        if headings is not None:
            others = name.others if isinstance(name, TextRow) else {}
            line = str(name.line) if isinstance(name, TextRow) else ""
            cells += [line, *(others.get(heading, "") for heading in headings)]
        writer.writerow(map(_as_text, cells))
        yield not isinstance(answer, BadInput)


@contextmanager
def opened(file: Path | IO[bytes], filename: str) -> Iterator[tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]]:
    """A zip file and its entries except folders and clutter. Raises BadInput for one that Python cannot read."""
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
            yield f"{filename}/{entry.filename}", unpacked(archive, entry)


def _is_skipped(entry: zipfile.ZipInfo) -> bool:
    return entry.is_dir() or any(map(is_clutter, re.split(r"[/\\]", entry.filename)))


def texts(source: IO[bytes], filename: str, column: str | None = None, has_options: bool = True) -> Texts:
    """The texts in a table's column `text`, or one per line in other files. The whole file is checked first.

    source: seekable. column: the heading of the texts; then the file must be a table. has_options: whether the user can
    choose the column. Raises BadInput for a file in an unknown encoding, and for a table without the column.
    """
    file = text_file.examined(source, filename)
    if file.is_blank():
        return Texts(iter(()), (), file.notes)
    if not (column or filename.lower().endswith(TABLES)):
        with closing(file.lines()) as lines:
            if not csv_table.has_heading(next(line for line in lines if line.strip()), "text"):
                return Texts(_lines(file), (), file.notes)
    table = csv_table.table_in(file, {"text": column}, has_options)
    return Texts(_rows(table), tuple(table.other_columns.values()), table.notes)


def records(source: IO[bytes], filename: str, fields: Sequence[Field]) -> Texts:
    """The rows of a table as inputs of a task of fields; a row's text is "row" and its number.

    Columns that are no field are left alone, and fields without a column are not known; notes say so. Raises BadInput
    for a file in an unknown encoding, and for a table without any of the fields.
    """
    file = text_file.examined(source, filename)
    if file.is_blank():
        return Texts(iter(()), (), file.notes)
    names = csv_table.known_headings(file, [each.name for each in fields])
    if not names:
        listed = ", ".join(each.name for each in fields[:SHOWN_FIELDS])
        raise BadInput(f"{filename} has no column named after a field. The fields are: {listed}.")
    table = csv_table.table_in(file, dict.fromkeys(names), has_options=False)
    missing = [each.name for each in fields if each.name not in names]
    notes = table.notes
    if missing:
        more = f" and {len(missing) - SHOWN_FIELDS} more" if len(missing) > SHOWN_FIELDS else ""
        notes = (
            *notes,
            f"{filename} has no column for {', '.join(missing[:SHOWN_FIELDS])}{more}; the models treat this as not "
            "known in every row.",
        )
    return Texts(_records(table, tuple(fields)), tuple(_headings_of(table).values()), notes)


def _records(table: csv_table.Table, fields: tuple[Field, ...]) -> Iterator[tuple[TextRow, Any]]:
    headings = _headings_of(table)
    for number, row in enumerate(table.rows(), 1):
        cells = {name: row.cells[i] for i, name in headings.items() if i < len(row.cells)}
        name = TextRow(f"row {number}", row.line, cells)
        if row.problem:
            yield name, BadInput(f"This row {row.problem}.")
            continue
        try:
            texts = {each: row.cells[i] for each, i in table.columns.items()}
            yield name, from_texts(texts, fields, table.has_decimal_commas)
        except BadInput as error:
            yield name, error


def _headings_of(table: csv_table.Table) -> dict[int, str]:
    """The headings of all columns, by position, each different."""
    names = {**table.other_columns, **{position: table.headings[position] for position in table.columns.values()}}
    return dict(sorted(names.items()))


def _lines(file: text_file.TextFile) -> Iterator[tuple[TextRow, str]]:
    for number, line in enumerate(file.lines(), 1):
        if text := line.rstrip("\r\n"):
            yield TextRow(text, number, {}), text


def _rows(table: csv_table.Table) -> Iterator[tuple[TextRow, str | BadInput]]:
    columns = table.other_columns
    for row in table.rows():
        others = {name: row.cells[i] for i, name in columns.items() if i < len(row.cells)}
        if row.problem:
            yield TextRow(", ".join(row.cells).rstrip(", "), row.line, {}), BadInput(f"This row {row.problem}.")
        else:
            text = row.cells[table.columns["text"]]
            yield TextRow(text, row.line, others), text


def unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | BadInput:
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
    text = f"'{cell}" if FORMULA.match(cell) else cell
    return text.replace("\r\n", "\n").replace("\r", "\n")  # the writer does not quote a cell with a lone \r
