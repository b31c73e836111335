"""Examples in a CSV file: each row has a text and its label, in the columns `text` and `label`; others are ignored."""

import csv
import hashlib
import io
import unicodedata
from pathlib import Path

from models import csv_dialect
from models.config import is_unshowable
from models.errors import TooLarge, ZooError
from training.custom.item import Item

MAX_BYTES = 64 * 2**20
MAX_ROWS = 200_000
MAX_LABELS = 500
MAX_LABEL_LENGTH = 200  # characters
MAX_HEADER_LENGTH = 10_000  # characters of the first line that are examined
COLUMNS = ("text", "label")


def items_in(file: Path) -> tuple[list[Item], list[str]]:
    """Every row with a text and a label, and a sentence on each row left out.

    Raises ZooError for a file that is not such a table, TooLarge for one with too many bytes, rows or labels.
    """
    text = _text(file)
    delimiter, columns = _columns(text, file)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    items, left_out = [], []
    try:
        next(rows)  # the header
        for cells in rows:
            content, label = (cells[column].strip() if column < len(cells) else "" for column in columns)
            problem = _problem(content, label)
            if not problem:
                items.append(
                    Item(content, unicodedata.normalize("NFC", label), f"line {rows.line_num:,}", _digest(content))
                )
            elif any(cells):  # empty lines are ignored
                left_out.append(f"line {rows.line_num:,}: {problem}")
            if len(items) > MAX_ROWS:
                raise TooLarge(f"{file.name} has more than {MAX_ROWS:,} rows; use fewer of each label.")
    except csv.Error as error:
        raise ZooError(f"{file.name} is not a valid CSV file (line {rows.line_num:,}: {error}).") from error
    labels = len({item.label for item in items})
    if labels > MAX_LABELS:
        raise TooLarge(
            f"{file.name} has {labels:,} different labels; at most {MAX_LABELS} are supported. Is `label` the "
            "right column?"
        )
    return items, left_out


def _text(file: Path) -> str:
    """The content of the file. Raises ZooError if it cannot be read or is empty."""
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            raise TooLarge(
                f"{file.name} is {size / 2**20:.0f} MB; at most {MAX_BYTES // 2**20} MB are read. Use fewer rows of "
                "each label."
            )
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ZooError(f"Could not read {file}: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise ZooError(f"{file.name} is not UTF-8 (byte {error.start:,}); save it as CSV UTF-8.") from error
    if not text.strip():
        raise ZooError(f"{file.name} is empty; expected the columns text and label, and a row for each example.")
    return text


def _columns(text: str, file: Path) -> tuple[str, list[int]]:
    """The delimiter and the positions of COLUMNS. Raises ZooError if the first line does not name them."""
    first = text.splitlines()[0][:MAX_HEADER_LENGTH]
    dialect = csv_dialect.find_columns(first, COLUMNS)
    if dialect is None:
        names = ", ".join(map(csv_dialect.normalized, csv_dialect.cells(first)))
        raise ZooError(
            f"{file.name} begins with {names[:80]!r}; its first line must contain the column names: text,label."
        )
    return dialect


def _problem(text: str, label: str) -> str:
    """Why a row is left out; "" for a valid row."""
    if not text or not label:
        return f"has no {'text' if not text else 'label'}"
    if len(label) > MAX_LABEL_LENGTH:
        return f"its label is longer than {MAX_LABEL_LENGTH} letters"
    return "its label contains control characters" if is_unshowable(label) else ""


def _digest(text: str) -> str:
    """SHA-256 of the text without regard to case and runs of spaces."""
    plain = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    return hashlib.sha256(plain.encode(errors="replace")).hexdigest()
