"""The header of a CSV file, from whichever program: commas, semicolons or tabs, with or without a byte order mark."""

import csv
from collections.abc import Callable, Sequence

DELIMITERS = ",;\t"  # a spreadsheet's "CSV" may have any of them


def normalized(cell: str) -> str:
    """A column's name without blanks around it, in lower case."""
    return cell.strip().lower()


def find_columns(
    header: str, columns: Sequence[str], name: Callable[[str], str] = normalized
) -> tuple[str, list[int]] | None:
    """The delimiter by which the first line of a file has all `columns`, and their positions; None where none does.

    name: from a cell of the header to the name of its column.
    """
    for delimiter in DELIMITERS:
        names = [name(cell) for cell in cells(header, delimiter)]
        if set(columns) <= set(names):
            return delimiter, [names.index(column) for column in columns]
    return None


def cells(line: str, delimiter: str = DELIMITERS[0]) -> list[str]:
    """The cells of the first line of a file, a byte order mark left out."""
    return next(csv.reader([line.removeprefix("\ufeff")], delimiter=delimiter), [])
