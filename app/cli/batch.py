"""`zoo predict --out`: a folder, a zip or a CSV of inputs to a CSV of answers (`app/batch.py`), with progress."""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from app import batch
from models.errors import ZooError
from models.inputs.picture import MAX_BYTES
from models.predictor import Predictor


def write(predictor: Predictor, inputs: Iterable[tuple[str, Any]], out: Path) -> tuple[int, int]:
    """Answer named raw inputs in their order into the CSV `out`; how many there were, and how many could not be read.

    A BadInput among the inputs was refused before. `out` is replaced once all is written.
    """
    if not out.name or out.is_dir():
        raise ZooError(f"{out} is a folder; name a file with --out, such as answers.csv.")
    part = out.with_name(f".{out.name}.part")
    count = failed = 0
    console = Console(stderr=True)
    named = track(iter(inputs), "Answering", console=console, transient=True, disable=not console.is_terminal)
    try:
        # A file's name need not be UTF-8, hence backslashes.
        with part.open("w", newline="", encoding="utf-8", errors="backslashreplace") as file:
            for good in batch.write(file, batch.answered(predictor, named)):
                count, failed = count + 1, failed + (not good)
        os.replace(part, out)
    except OSError as error:
        raise ZooError(f"Could not write {out}: {error.strerror or error}. Name another file with --out.") from error
    finally:
        part.unlink(missing_ok=True)
    return count, failed


def unfolded(given: Iterable[str], kind: str) -> Iterator[tuple[str, Any]]:
    """Name and raw input of each file, of each file in a folder (by name, its folders too) and of each in a zip; of texts, themselves."""
    for one in given:
        if kind == "text":
            yield one, one
        elif one == "-":
            yield "stdin", sys.stdin.buffer.read(MAX_BYTES + 1)
        elif Path(one).is_dir():
            for folder, folders, files in os.walk(one):
                folders.sort()
                yield from (
                    (os.path.join(folder, file), Path(folder, file)) for file in sorted(files) if file[0] != "."
                )
        elif one.lower().endswith(".zip"):
            yield from batch.zipped(Path(one), one)
        else:
            yield one, Path(one)
