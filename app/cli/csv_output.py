"""`zoo predict --out`: a folder, a zip or a CSV of inputs to a CSV of answers (`app/batch.py`), with progress."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from app import batch
from models.errors import ZooError
from models.predictor import Predictor


def check(out: Path, read: list[str]) -> None:
    """Raises ZooError where answers cannot be put at `out`, or would replace one of the files that are read."""
    if not out.name or out.is_dir():
        raise ZooError(f"{out} is a folder; name a file with --out, such as answers.csv.")
    if str(out) == "-" or (out.exists() and not out.is_file()):
        raise ZooError(f"{out} is no file that can be replaced; name a file with --out, such as answers.csv.")
    if out.exists() and any(Path(file).exists() and out.samefile(file) for file in read):
        raise ZooError(f"{out} is one of the inputs, which its answers would replace; name another file with --out.")


def write(predictor: Predictor, inputs: Iterable[tuple[str, Any]], out: Path) -> tuple[int, int]:
    """Answer named raw inputs in their order into the CSV `out`; how many there were, and how many could not be read.

    A BadInput among the inputs was refused before. `out` is replaced once all is written.
    """
    target = out.resolve()  # of a link, what it leads to is replaced
    part = target.with_name(f".{target.name}.part")
    count = failed = 0
    console = Console(stderr=True)
    named = track(iter(inputs), "Answering", console=console, transient=True, disable=not console.is_terminal)
    try:
        # A file's name need not be UTF-8, hence backslashes.
        with part.open("w", newline="", encoding="utf-8", errors="backslashreplace") as file:
            for good in batch.write(file, batch.answered(predictor, named)):
                count, failed = count + 1, failed + (not good)
        os.replace(part, target)
    except OSError as error:
        raise ZooError(f"Could not write {out}: {error.strerror or error}. Name another file with --out.") from error
    finally:
        part.unlink(missing_ok=True)
    return count, failed
