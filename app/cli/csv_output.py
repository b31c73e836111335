"""`zoo predict --out`: a CSV of predictions (`app/batch.py`), with a progress bar."""

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from app import batch
from app.predict_many import predict_many
from models.errors import ZooError
from models.predictor import Predictor


def check(out: Path, read: list[str]) -> None:
    """Raise ZooError if `out` cannot be written, or is one of the files to read."""
    if not out.name or out.is_dir():
        raise ZooError(f"{out} is a folder; pass a file to --out, such as answers.csv.")
    if str(out) == "-" or (out.exists() and not out.is_file()):
        raise ZooError(f"{out} is not a regular file; pass a file to --out, such as answers.csv.")
    if out.exists() and any(Path(file).exists() and out.samefile(file) for file in read):
        raise ZooError(f"{out} is one of the inputs and would be overwritten; pass another file to --out.")


def write(
    predictor: Predictor,
    inputs: Iterable[tuple[Any, Any]],
    out: Path,
    headings: Sequence[str] | None = None,
    bom: bool = False,
) -> tuple[int, int]:
    """Write a prediction for each named raw input to the CSV file `out`; returns the number of inputs and of errors.

    inputs: as for `predict_many`. headings: as for `batch.write`. bom: whether to begin with a byte order mark.
    `out` is replaced once everything is written.
    """
    target = out.resolve()  # what a link points to is replaced, not the link
    part = target.with_name(f".{target.name}.part")
    count = failed = 0
    console = Console(stderr=True)
    named = track(iter(inputs), "Predicting", console=console, transient=True, disable=not console.is_terminal)
    try:
        # File names may not be UTF-8; such bytes are written as backslash escapes.
        encoding = "utf-8-sig" if bom else "utf-8"
        with part.open("w", newline="", encoding=encoding, errors="backslashreplace") as file:
            for readable in batch.write(file, predict_many(predictor, named), headings):
                count, failed = count + 1, failed + (not readable)
        os.replace(part, target)
    except OSError as error:
        raise ZooError(f"Could not write {out}: {error.strerror or error}. Pass another file to --out.") from error
    finally:
        with suppress(OSError):  # a folder that cannot be written
            part.unlink(missing_ok=True)
    return count, failed
