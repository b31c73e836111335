"""Examples in a table: each row is one, with a column for the label and others for numbers and choices."""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from models import csv_table, text_file
from models.errors import BadInput, TooLarge, ZooError
from models.field import MAX_FIELDS, MAX_LETTERS, Field
from models.inputs.fields import from_texts, with_decimal_point
from training.custom.columns import columns as inferred
from training.custom.columns import is_number_or_missing, summary
from training.custom.item import Item
from training.custom.table import MAX_LABELS, MAX_ROWS, check_file, problem_of_label

SHOWN = 10  # headings in a note


def items_in(
    file: Path, columns: Mapping[str, str | None]
) -> tuple[list[Item], list[str], tuple[str, ...], tuple[Field, ...]]:
    """Every row with a label, a sentence on each row left out, notes for the user, and the fields.

    columns: `label`, the heading that the user chose. Raises ZooError for a file that is no such table, and TooLarge.
    """
    try:
        check_file(file)
        with file.open("rb") as source:
            return _items(text_file.examined(source, file.name), columns.get("label"))
    except OSError as error:
        raise ZooError(f"Could not read {file}: {error.strerror or error}.") from error


def _items(
    file: text_file.TextFile, label: str | None
) -> tuple[list[Item], list[str], tuple[str, ...], tuple[Field, ...]]:
    if file.is_blank():
        raise ZooError(f"{file.name} is empty; expected headings, and a row for each example.")
    table = csv_table.table_in(file, {"label": label})
    at, headings = table.columns["label"], table.other_columns
    if len(headings) > MAX_FIELDS:
        raise TooLarge(f"{file.name} has {len(headings):,} columns; at most {MAX_FIELDS} are supported.")
    if long := next((heading for heading in headings.values() if len(heading) > MAX_LETTERS), None):
        raise ZooError(f"The heading {long[:40]!r}... of {file.name} has more than {MAX_LETTERS} letters; shorten it.")
    lines, rows, labels, left_out = [], [], [], []
    for row in table.rows():
        name = row.cells[at].strip() if not row.problem and at < len(row.cells) else ""
        if problem := row.problem or problem_of_label(name):
            left_out.append(f"line {row.line:,}: {problem}")
            continue
        lines.append(row.line)
        rows.append([row.cells[i] if i < len(row.cells) else "" for i in headings])
        labels.append(unicodedata.normalize("NFC", name))
        if len(rows) > MAX_ROWS:
            raise TooLarge(f"{file.name} has more than {MAX_ROWS:,} rows; use fewer of each label.")
    if len(set(labels)) > MAX_LABELS:
        heading = table.headings[at]
        raise TooLarge(
            f"{file.name} has {len(set(labels)):,} different labels; at most {MAX_LABELS} are supported. Is "
            f"{heading!r:.60} the right column?"
        )
    with_commas = _read_decimal_commas(tuple(headings.values()), rows) if table.has_decimal_commas else []
    made = inferred(tuple(headings.values()), rows, labels)
    fields = tuple(column.field for column in made if column.field)
    if rows and not fields:
        raise ZooError(f"{file.name} has no column that a model could use. {' '.join(summary(made)[1:])}")
    items = []
    for line, cells, name in zip(lines, rows, labels, strict=True):
        texts = {column.heading: cell for column, cell in zip(made, cells, strict=True) if column.field}
        try:
            raw = from_texts(texts, fields)
        except BadInput as error:  # a number that is not finite
            left_out.append(f"line {line:,}: {error}")
            continue
        items.append(Item(raw, name, f"line {line:,}", _digest(raw)))
    notes = (*table.notes, *summary(made))
    if with_commas:
        notes = (*notes, f"The comma was read as a decimal comma in {', '.join(with_commas[:SHOWN])}.")
    return items, left_out, notes, fields


def _read_decimal_commas(headings: tuple[str, ...], rows: list[list[str]]) -> list[str]:
    """Replace decimal commas with points in the columns of numbers; returns the headings of those that had some."""
    changed = []
    for position, heading in enumerate(headings):
        before = [row[position] for row in rows]
        after = [with_decimal_point(cell) for cell in before]
        if after == before or not all(map(is_number_or_missing, after)):
            continue
        changed.append(heading)
        for row, cell in zip(rows, after, strict=True):
            row[position] = cell
    return changed


def _digest(raw: dict) -> str:
    return hashlib.sha256(json.dumps(raw, sort_keys=True).encode()).hexdigest()
