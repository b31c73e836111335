"""The training curve, `history.csv`, with one row per epoch, rewritten after each."""

import csv
import io
from pathlib import Path

from models.paths import write_atomically


class History:
    """The rows of a training curve and their file. rows: one dict of numbers per epoch."""

    def __init__(self, path: Path, rows: list[dict[str, float]]):
        self.path, self.rows = path, list(rows)

    def add(self, row: dict[str, float]) -> None:
        """Add an epoch and rewrite the file."""
        self.rows.append(row)
        write_atomically(self.path, to_csv(self.rows))


def to_csv(rows: list[dict[str, float]]) -> str:
    """The rows as CSV, numbers to six significant digits; a cell is empty where an epoch was not validated."""
    text = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, fieldnames=names, lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: f"{value:.6g}" for key, value in row.items()} for row in rows)
    return text.getvalue()
