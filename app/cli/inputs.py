"""What `zoo predict` is given, as named raw inputs: files, texts, and with --out what lies in folders and zips too."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app import batch
from app.api import inputs
from models.errors import BadInput
from models.inputs.picture import MAX_BYTES
from models.task import Task

MAX_JSON_BYTES = 32 * 2**20  # bytes of a .json file, as many as REST takes


def named(inputs: list[str], texts: str | None, task: Task, out: Path | None = None) -> Iterator[tuple[str, Any]]:
    """Name and raw input of each, in their order; a BadInput where a .json file holds none.

    texts: the file of --from. out: the CSV of --out, where there is one; then the files in a folder (by name, its folders too) and in
    a zip are inputs, but for the answers of before at `out` itself.
    """
    for one in inputs:
        if task.input == "text":
            yield one, one
        elif one == "-":
            yield "stdin", sys.stdin.buffer.read(MAX_BYTES + 1)
        elif out and Path(one).is_dir():
            yield from ((str(file), _file(file, task)) for file in _within(one, out))
        elif out and one.lower().endswith(".zip"):
            yield from ((name, _unpacked(name, data, task)) for name, data in batch.zipped(Path(one), one))
        else:
            yield one, _file(Path(one), task)
    if texts is not None:
        yield from ((text, text) for text in _texts(texts))


def _within(folder: str, out: Path) -> Iterator[Path]:
    for where, folders, files in os.walk(folder):
        folders.sort()
        found = (Path(where, file) for file in sorted(files) if file[0] != ".")
        yield from (file for file in found if not (out.exists() and file.exists() and file.samefile(out)))


def _file(file: Path, task: Task) -> Any:
    """The file itself, or what a .json file holds."""
    if file.suffix.lower() != ".json":
        return file
    try:
        if file.stat().st_size > MAX_JSON_BYTES:
            raise BadInput(f"{file} has more than {MAX_JSON_BYTES // 2**20} MB; name a smaller file.")
        return _drawn(file.read_bytes(), task)
    except BadInput as error:
        return error
    except OSError as error:
        return BadInput(f"{file} cannot be read: {error.strerror}. Name a file that is there.")


def _unpacked(name: str, data: bytes | BadInput, task: Task) -> Any:
    try:
        return _drawn(data, task) if isinstance(data, bytes) and name.lower().endswith(".json") else data
    except BadInput as error:
        return error


def _drawn(data: bytes, task: Task) -> Any:
    """What is in JSON: `{"strokes": ..., "pen": 18}` or `{"image": "<base64>"}`."""
    return inputs.raw(inputs.parse(data), task)


def _texts(file: str) -> Iterator[str]:
    try:
        with open(0 if file == "-" else file, encoding="utf-8", newline="", closefd=file != "-") as lines:
            yield from batch.texts(lines, file)
    except OSError as error:
        raise BadInput(
            f"Could not read {file}: {error.strerror or error}. Name a CSV or text file in UTF-8."
        ) from error
