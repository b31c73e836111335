"""Output to a console: plain tables, and characters that it may not know, as on Windows with code page 1252."""

import sys
from collections.abc import Sequence

from models.errors import printable


def escape_unknown() -> None:
    """Let standard output and standard error escape characters that their encoding lacks, in place of an exception."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # not where a program has put another object in its place
            stream.reconfigure(errors="backslashreplace")


def table(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """`rows` in columns as wide as they need; the columns numbered in `right` are right-aligned."""
    rows = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell.rjust(width) if i in right else cell.ljust(width) for i, (cell, width) in enumerate(cells))
        for cells in (list(zip(row, widths, strict=True)) for row in rows)
    )
    return "\n".join(line.rstrip() for line in lines)


def percent(share: float, digits: int = 1) -> str:
    """A fraction as a percentage."""
    return f"{100 * share:.{digits}f}%"


def interval(low: float, high: float) -> str:
    """A 95% interval as percentages."""
    return f"{100 * low:.1f}-{100 * high:.1f}"
