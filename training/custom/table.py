"""Examples in a CSV file: each row has a text and its label, in the columns `text` and `label` or those chosen."""

import hashlib
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from models import csv_table, text_file
from models.config import is_unshowable
from models.errors import TooLarge, ZooError
from training.custom.item import Item

MAX_BYTES = 64 * 2**20
MAX_ROWS = 200_000
MAX_LABELS = 500
MAX_LABEL_LENGTH = 200  # characters
COLUMNS = {"text": None, "label": None}  # name -> the heading that the user chose for it, if any


def items_in(file: Path, columns: Mapping[str, str | None] = COLUMNS) -> tuple[list[Item], list[str], tuple[str, ...]]:
    """Every row with a text and a label, a sentence on each row left out, and notes on how the file was read.

    columns: as COLUMNS. Raises ZooError for a file that is not such a table, TooLarge for one with too many bytes, rows
    or labels.
    """
    try:
        check_file(file)
        with file.open("rb") as source:
            return _items(text_file.examined(source, file.name), columns)
    except OSError as error:
        raise ZooError(f"Could not read {file}: {error.strerror or error}.") from error


def check_file(file: Path) -> None:
    """Raise ZooError for a pipe or a device, which may have no end, and TooLarge for a large file."""
    if not file.is_file():
        raise ZooError(f"{file} is not a regular file; pass a CSV file.")
    size = file.stat().st_size
    if size > MAX_BYTES:
        raise TooLarge(
            f"{file.name} is {size / 2**20:.0f} MB; at most {MAX_BYTES // 2**20} MB are read. Use fewer rows of "
            "each label."
        )


def _items(
    file: text_file.TextFile, columns: Mapping[str, str | None]
) -> tuple[list[Item], list[str], tuple[str, ...]]:
    if file.is_blank():
        raise ZooError(f"{file.name} is empty; expected the columns text and label, and a row for each example.")
    table = csv_table.table_in(file, {**COLUMNS, **columns})
    items, left_out = [], []
    for row in table.rows():
        content, label = (
            ("", "") if row.problem else (row.cells[table.columns[name]].strip() for name in ("text", "label"))
        )
        problem = row.problem or _problem(content, label)
        name = f"line {row.line:,}"
        if problem:
            left_out.append(f"{name}: {problem}")
        else:
            items.append(Item(content, unicodedata.normalize("NFC", label), name, _digest(content)))
        if len(items) > MAX_ROWS:
            raise TooLarge(f"{file.name} has more than {MAX_ROWS:,} rows; use fewer of each label.")
    labels = len({item.label for item in items})
    if labels > MAX_LABELS:
        heading = table.headings[table.columns["label"]]
        raise TooLarge(
            f"{file.name} has {labels:,} different labels; at most {MAX_LABELS} are supported. Is {heading!r:.60} the "
            "right column?"
        )
    return items, left_out, table.notes


def _problem(text: str, label: str) -> str:
    """Why a row is left out; "" for a valid row."""
    return problem_of_label(label) if text else "has no text"


def problem_of_label(label: str) -> str:
    """Why a label cannot be used; "" for a valid one."""
    if not label:
        return "has no label"
    if len(label) > MAX_LABEL_LENGTH:
        return f"its label is longer than {MAX_LABEL_LENGTH} letters"
    return "its label contains control characters" if is_unshowable(label) else ""


def _digest(text: str) -> str:
    """SHA-256 of the text without regard to case and runs of spaces."""
    plain = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    return hashlib.sha256(plain.encode(errors="replace")).hexdigest()
