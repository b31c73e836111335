"""The rows of a Parquet file, as those of a CSV file (`app/batch.py`): `zoo predict --from`."""

from collections.abc import Iterator
from typing import IO, Any

from app.batch import TextRow, Texts
from models.errors import BadInput, ZooError
from models.inputs.fields import from_texts
from models.task import Task

AT_ONCE = 1024  # rows in memory
SHOWN = 10  # columns in a message


def is_parquet(name: str) -> bool:
    """Whether the name of a file is that of a Parquet file."""
    return name.lower().endswith((".parquet", ".pq"))


def rows(source: IO[bytes], name: str, column: str | None, task: Task) -> Texts:
    """The texts in a column (default: text), or the inputs of a task of fields; a row's line is its number, from 1.

    Raises BadInput for a file that is not Parquet, or without the columns, and ZooError without pyarrow.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ModuleNotFoundError as error:
        raise ZooError(f"Reading {name} needs pyarrow: pip install -r requirements-scale.txt") from error
    try:
        file = parquet.ParquetFile(source)
    except (pyarrow.ArrowException, OSError) as error:
        raise BadInput(f"{name} cannot be read as a Parquet file. Pass another one, or a CSV file.") from error
    columns = file.schema_arrow.names
    wanted = [each.name for each in task.fields if each.name in columns]
    if task.input != "fields":
        wanted = [column or "text"]
    if not wanted or not set(wanted) <= set(columns):
        listed = ", ".join(columns[:SHOWN])
        expected = f"named {wanted[0]}" if wanted else "named after a field"
        raise BadInput(f"{name} has no column {expected}; its columns are {listed}.")
    headings = columns if task.input == "fields" else [each for each in columns if each not in wanted]

    def each_row() -> Iterator[tuple[TextRow, Any]]:
        number = 0
        try:
            for batch in file.iter_batches(AT_ONCE):
                for cells in batch.to_pylist():
                    number += 1
                    texts = {heading: "" if cell is None else str(cell) for heading, cell in cells.items()}
                    yield _row(number, texts, wanted, headings, task)
        except (pyarrow.ArrowException, OSError) as error:
            raise BadInput(f"{name} is damaged after row {number:,}.") from error

    return Texts(each_row(), tuple(headings))


def _row(number: int, texts: dict[str, str], wanted: list[str], headings: list[str], task: Task) -> tuple[TextRow, Any]:
    others = {heading: texts[heading] for heading in headings}
    if task.input != "fields":
        return TextRow(texts[wanted[0]], number, others), texts[wanted[0]]
    name = TextRow(f"row {number}", number, others)
    try:
        return name, from_texts({each: texts[each] for each in wanted}, task.fields)
    except BadInput as error:
        return name, error
