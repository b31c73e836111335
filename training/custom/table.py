"""A CSV file as examples: a row is a text and its label, in the columns `text` and `label`.

Other columns are not read.
"""

import csv
import hashlib
import io
import unicodedata
from pathlib import Path

from models import csv_dialect
from models.errors import TooLarge, ZooError
from training.custom.item import Item

MAX_BYTES = 64 * 2**20  # of the file
MAX_ROWS = 200_000  # rows
MAX_LABELS = 500
MAX_LABEL_LETTERS = 200  # letters in a label
MAX_HEADER_LETTERS = 10_000  # letters of the first line that are looked at
COLUMNS = ("text", "label")


def items_in(file: Path) -> tuple[list[Item], list[str]]:
    """Every row with a text and a label, and a sentence on each that was left out.

    Raises ZooError for a file that is something else, TooLarge for one with too much in it.
    """
    text = _text(file)
    delimiter, places = _columns(text, file)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    items, left_out = [], []
    try:
        next(rows)  # the header
        for cells in rows:
            words, label = (cells[at].strip() if at < len(cells) else "" for at in places)
            problem = _problem(words, label)
            if not problem:
                items.append(
                    Item(words, unicodedata.normalize("NFC", label), f"line {rows.line_num:,}", _content(words))
                )
            elif any(cells):  # an empty line is nothing
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
    """The delimiter, and the positions of COLUMNS. Raises ZooError where the first line does not name them."""
    first = text.splitlines()[0][:MAX_HEADER_LETTERS]
    found = csv_dialect.find_columns(first, COLUMNS)
    if found is None:
        names = ", ".join(map(csv_dialect.normalized, csv_dialect.cells(first)))
        raise ZooError(
            f"{file.name} begins with {names[:80]!r}; its first line must contain the column names: text,label."
        )
    return found


def _problem(text: str, label: str) -> str:
    if not text or not label:
        return f"has no {'text' if not text else 'label'}"
    return f"its label is longer than {MAX_LABEL_LETTERS} letters" if len(label) > MAX_LABEL_LETTERS else ""


def _content(text: str) -> str:
    plain = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    return hashlib.sha256(plain.encode(errors="replace")).hexdigest()
