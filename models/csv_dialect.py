"""Reads the header of a CSV file: separated by commas, semicolons or tabs, with or without a byte order mark."""

import csv
from collections.abc import Callable, Sequence

DELIMITERS = ",;\t"  # a spreadsheet's "CSV" may have any of them


def normalized(cell: str) -> str:
    """A column's name in lower case, without surrounding whitespace."""
    return cell.strip().lower()


def find_columns(
    header: str, columns: Sequence[str], name: Callable[[str], str] = normalized
) -> tuple[str, list[int]] | None:
    """The delimiter with which the first line of a file has all `columns`, and their positions; None if there is none.

    name: converts a cell of the header to a column name.
    """
    for delimiter in DELIMITERS:
        names = [name(cell) for cell in cells(header, delimiter)]
        if set(columns) <= set(names):
            return delimiter, [names.index(column) for column in columns]
    return None


def cells(line: str, delimiter: str = DELIMITERS[0]) -> list[str]:
    """The cells of the first line of a file, without a byte order mark."""
    return next(csv.reader([line.removeprefix("\ufeff")], delimiter=delimiter), [])
