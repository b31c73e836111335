"""Tables in CSV and TSV files: the one reader for training, `zoo predict --from` and the task pages.

A row is used only if it fits the headings. A file whose rows cannot be told apart is refused.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import NamedTuple

from models.errors import BadInput
from models.text_file import TextFile

DELIMITERS = ",;\t|"  # a spreadsheet's "CSV" may have any of them
NO_DELIMITER = "\x1f"  # of a table with one column, in which commas belong to the text
MAX_ROW_LINES = 100  # lines of one row; if there are more, a quote is not closed
SEPARATOR = re.compile(r'"?sep=([^\w"\s]|\t)"?\s*', re.IGNORECASE)  # a first line that spreadsheets write and hide
COMMENT = re.compile(r"#(?:[\s#!]|$)")  # but "#great film" is a text
INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")
SHOWN_HEADINGS = 10  # in a message
SHOWN_LETTERS = 30  # of a heading in a message


class Row(NamedTuple):
    """A row. line: where it begins, from 1. cells: at least as many as headings, unless there is a problem."""

    line: int
    cells: tuple[str, ...]
    problem: str = ""


class Format(NamedTuple):
    """How cells are separated and quoted, in the terms of Python's csv. skip: lines before the headings."""

    delimiter: str
    quoting: int = csv.QUOTE_MINIMAL
    skipinitialspace: bool = False
    skip: int = 0


@dataclass(frozen=True)
class Table:
    """A table. headings: as written. columns: the position of each wanted column. notes: for the user, on the file."""

    file: TextFile
    format: Format
    headings: tuple[str, ...]
    columns: dict[str, int]
    notes: tuple[str, ...]

    def rows(self) -> Iterator[Row]:
        """Yield each row that is not blank, in order."""
        records = _records(self.file, self.format)
        next(records)  # the headings
        for record in records:
            yield Row(record.line, record.cells, record.fault or _misfit(record.cells, self.headings))

    @property
    def has_decimal_commas(self) -> bool:
        """Whether a comma in a number is a decimal comma: the comma does not separate cells."""
        return self.format.delimiter not in (",", NO_DELIMITER)

    @property
    def other_columns(self) -> dict[int, str]:
        """The headings of the columns that are not wanted, by position; each is different."""
        names: dict[int, str] = {}
        for position, heading in enumerate(self.headings):
            if position not in self.columns.values():
                name = heading or f"column {position + 1}"
                taken = [*names.values(), *self.columns]
                names[position] = name if name not in taken else f"{name} ({position + 1})"
        return names


def table_in(file: TextFile, wanted: Mapping[str, str | None], has_options: bool = True) -> Table:
    """The table in a file that is not blank.

    wanted: the columns that must be there (text, label), and the heading that the user chose for each, if any.
    has_options: whether the user can choose, by --text-column and --label-column. Raises BadInput, in a sentence that
    lists the headings, if a column is missing or there are two, and if a quote is not closed.
    """
    skip, delimiters = _preamble(file, wanted)
    layouts = []
    for delimiter in delimiters:
        format = Format(delimiter, skip=skip)
        headings = _headings(file, format)
        layouts.append((format, headings, {name: _positions(headings, name, wanted[name]) for name in wanted}))
    if not any(headings for _, headings, _ in layouts):
        raise BadInput(
            f"The headings of {file.name} (line {skip + 1:,}) cannot be read; check the quotes in that line."
        )
    format, headings, positions = max(layouts, key=lambda each: (sum(map(bool, each[2].values())), len(each[1])))
    _check_columns(file.name, headings, positions, wanted, has_options)
    if len(headings) == 1:
        format = format._replace(delimiter=NO_DELIMITER)
    format, notes = _fitting(file, format, headings)
    columns = {name: places[0] for name, places in positions.items()}
    return Table(file, format, headings, columns, (*file.notes, *notes))


def has_heading(line: str, name: str) -> bool:
    """Whether a line of a file that may be plain text has the headings: a cell `name`, or `Name` beside others.

    There are no spaces around it, as there are in a list of words.
    """
    rows = [_split(line, delimiter) for delimiter in DELIMITERS]
    return any(name in cells or (len(cells) > 1 and name in map(str.casefold, cells)) for cells in rows)


def known_headings(file: TextFile, names: Sequence[str]) -> list[str]:
    """Those of `names` that are headings of the table in a file that is not blank, with any delimiter."""
    skip, delimiters = _preamble(file, {})
    layouts = [_headings(file, Format(delimiter, skip=skip)) for delimiter in delimiters]
    return max(([name for name in names if _positions(headings, name, None)] for headings in layouts), key=len)


class _Record(NamedTuple):
    line: int
    cells: tuple[str, ...]
    fault: str = ""  # why the cells cannot be used
    end: int = 0  # its last line
    is_quote: bool = False  # whether the fault is a quote, after which no row can be told apart


def _records(file: TextFile, format: Format, comments: list[int] | None = None) -> Iterator[_Record]:
    """Yield the headings and each row that is not blank. comments: receives the lines of skipped comments."""
    start = count = format.skip

    def counted(lines: Iterator[str]) -> Iterator[str]:
        nonlocal start, count
        for number, line in enumerate(lines, 1):
            if number <= format.skip:
                continue
            if count == start and start > format.skip and COMMENT.match(line):
                start = count = number
                if comments is not None:
                    comments.append(number)
                continue
            count = number
            if count - start > MAX_ROW_LINES:
                raise _TooManyLines
            yield line

    with closing(file.lines()) as lines:
        reader = csv.reader(counted(lines), strict=True, **_arguments(format))
        while True:
            try:
                cells = next(reader)
                if any(cell.strip() for cell in cells):
                    literal = format.quoting == csv.QUOTE_NONE
                    yield _Record(start + 1, tuple(map(_unquoted, cells) if literal else cells), end=count)
            except StopIteration:
                return
            except _TooManyLines:
                yield _Record(start + 1, (), "has a quote that is not closed", count, is_quote=True)
                return
            except csv.Error as error:
                long = "field limit" in str(error) and count == start + 1
                limit = f"has a cell of more than {csv.field_size_limit():,} characters"
                yield _Record(start + 1, (), limit if long else str(error), count, is_quote=not long)
            start = count


class _TooManyLines(Exception):
    pass


def _unquoted(cell: str) -> str:
    """A cell that was read literally, without the quotes around all of it."""
    inner = cell.strip()[1:-1].replace('""', "")
    return (
        cell.strip()[1:-1].replace('""', '"')
        if cell.strip() == f'"{cell.strip()[1:-1]}"' and '"' not in inner
        else cell
    )


def _arguments(format: Format) -> dict[str, object]:
    return {name: value for name, value in format._asdict().items() if name != "skip"}


def _preamble(file: TextFile, wanted: Mapping[str, str | None]) -> tuple[int, str]:
    """How many lines precede the headings (blank, comments, sep=;), and the possible delimiters."""
    delimiters = DELIMITERS
    with closing(file.lines()) as lines:
        for number, line in enumerate(lines):
            if separator := SEPARATOR.fullmatch(line):
                delimiters = separator[1]
            elif line.strip() and not (line.startswith("#") and not _names_all(line[1:], wanted)):
                return number, delimiters
    raise BadInput(f"{file.name} has no headings.")


def _names_all(line: str, wanted: Mapping[str, str | None]) -> bool:
    """Whether the line names every wanted column: "#text,label"."""
    return any(
        all(_positions(tuple(_split(line, delimiter)), name, chosen) for name, chosen in wanted.items())
        for delimiter in DELIMITERS
    )


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:  # longer than any heading
        return []


def _headings(file: TextFile, format: Format) -> tuple[str, ...]:
    """The headings in this format; none if its delimiter cannot be that of the file."""
    with closing(_records(file, format)) as records:
        cells = next(records, _Record(0, ())).cells
    names = [_clean(cell) for cell in cells]
    return (names[0].removeprefix("#").strip(), *names[1:]) if names else ()


def _clean(cell: str) -> str:
    return " ".join(INVISIBLE.sub("", cell).split())


def _folded(heading: str) -> str:
    """A heading without regard to case, width, quotes and the spaces around it."""
    return unicodedata.normalize("NFKC", _clean(heading)).casefold().strip(" \"'")


def _positions(headings: Sequence[str], name: str, chosen: str | None) -> list[int]:
    """The positions of the columns with the chosen heading, or, if none is chosen, with a heading like `name`."""
    exact = [i for i, heading in enumerate(headings) if chosen is not None and heading == _clean(chosen)]
    return exact or [i for i, heading in enumerate(headings) if _folded(heading) == _folded(chosen or name)]


def _check_columns(
    file: str,
    headings: Sequence[str],
    positions: Mapping[str, list[int]],
    wanted: Mapping[str, str | None],
    has_options: bool,
) -> None:
    """Raise BadInput unless there is exactly one column for each name."""
    listed = ", ".join(repr(heading[:SHOWN_LETTERS]) for heading in headings[:SHOWN_HEADINGS])
    more = f" and {len(headings) - SHOWN_HEADINGS:,} more" if len(headings) > SHOWN_HEADINGS else ""
    listed = f"its first line has {'the headings' if len(headings) > 1 else 'only'} {listed}{more}"
    for name, places in positions.items():
        heading = wanted[name] or name
        option = f", or pass --{name}-column HEADING" if has_options else ""
        if not places:
            raise BadInput(
                f"{file} has no column named {heading}: {listed}. Rename one to {heading}{option}; if there are no "
                "headings, add them above."
            )
        if len(places) > 1:
            raise BadInput(f"{file} has {len(places)} columns named {heading}: {listed}. Rename all but one{option}.")
    if len({places[0] for places in positions.values()}) < len(positions):
        raise BadInput(f"{' and '.join(positions)} are the same column of {file}: {listed}. Choose two columns.")


class _Check(NamedTuple):
    faults: int  # rows that do not fit
    quote: _Record | None  # the first whose quotes are wrong
    spans: bool  # whether a row without fault has several lines
    comments: list[int]


def _checked(file: TextFile, format: Format, headings: Sequence[str]) -> _Check:
    """Read the whole file once in this format."""
    faults, quote, spans, comments = 0, None, False, []
    records = _records(file, format, comments)
    next(records)
    for record in records:
        faults += bool(record.fault or _misfit(record.cells, headings))
        spans |= not record.fault and record.end > record.line
        quote = quote or (record if record.is_quote else None)
    return _Check(faults, quote, spans, comments)


def _fitting(file: TextFile, format: Format, headings: Sequence[str]) -> tuple[Format, tuple[str, ...]]:
    """The format in which the rows fit, and notes for the user. Raises BadInput if they cannot be told apart."""
    check = _checked(file, format, headings)
    if check.faults:
        spaced = format._replace(skipinitialspace=True)  # 1, "Ada, Countess"
        other = _checked(file, spaced, headings)
        if not other.quote and other.faults < check.faults:
            format, check = spaced, other
    if check.quote and not check.spans and format.delimiter in ("\t", NO_DELIMITER):
        literal = format._replace(quoting=csv.QUOTE_NONE)  # many programs write quotes in a TSV as they are
        other = _checked(file, literal, headings)
        if not other.faults:
            format, check = literal, other
    if check.quote:
        raise BadInput(_quote_sentence(file.name, check.quote))
    return format, _comment_note(file.name, check.comments)


def _quote_sentence(file: str, record: _Record) -> str:
    remedy = 'Close it; write a quote that belongs to a text twice (""), in a cell with quotes around it.'
    if record.fault.startswith(("has a quote", "unexpected end", "field larger")):
        return f"{file}: a quote in line {record.line:,} is opened and not closed by line {record.end:,}. {remedy}"
    place = f", which begins in line {record.line:,}," if record.end > record.line else ""
    return f"{file}, line {record.end:,}: a cell with quotes{place} goes on after its closing quote. {remedy}"


def _comment_note(file: str, lines: Sequence[int]) -> tuple[str, ...]:
    if not lines:
        return ()
    shown = ", ".join(f"{line:,}" for line in lines[:5]) + (", ..." if len(lines) > 5 else "")
    return (f"Lines of {file} that begin with # were skipped as comments: {shown}.",)


def _misfit(cells: Sequence[str], headings: Sequence[str]) -> str:
    """Why a row's cells do not belong to the headings; "" if they do. Empty cells and headings at the end are ignored.

    Without this, a comma in a text without quotes would shift a part of it into the next column.
    """
    if len(cells) == len(headings) and headings[-1]:  # almost every row
        return ""
    named, filled = (max((i for i, cell in enumerate(row, 1) if cell.strip()), default=0) for row in (headings, cells))
    if filled <= named <= len(cells):
        return ""
    count = filled if filled > named else len(cells)
    return f"has {count} cell{'s' if count != 1 else ''}, but the heading has {named}"
