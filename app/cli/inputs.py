"""The inputs of `zoo predict` by name: files and texts, and with --out also the files in folders and zip files."""

import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from app import batch
from app.api import inputs
from app.cli import object_store, parquet
from models.clutter import is_clutter
from models.errors import BadInput
from models.inputs.fields import from_texts
from models.inputs.picture import MAX_BYTES
from models.task import Task

MAX_JSON_BYTES = 32 * 2**20  # bytes of a .json file, as many as REST takes
MAX_IN_MEMORY = 16 * 2**20  # bytes of a pipe; more are copied to a temporary file


@dataclass(frozen=True)
class Unread:
    """A file that the process that answers it reads.

    path: of the file, its address, or that of the zip file. position: in the zip file, otherwise None. in_folder:
    whether it was found in a folder rather than passed by name.
    """

    path: str
    name: str
    position: int | None = None
    in_folder: bool = False

    def read(self, task: Task) -> Any:
        """The raw input, or the BadInput why it cannot be used."""
        if self.position is not None:
            try:
                return _unpacked(self.name, batch.unpacked(*_opened(self.path)[self.position]), task)
            except BadInput as error:
                return error
        if object_store.is_address(self.path):
            return _stored(self.path, task)
        return (_regular if self.in_folder else _file)(Path(self.path), task)

    def within(self) -> str:
        """The zip file, or the folder that the file is in; empty for an address."""
        if object_store.is_address(self.path):
            return ""
        return self.path if self.position is not None else os.path.dirname(self.path) or "."


def named(inputs: list[str], task: Task, out: Path | None = None, unread: bool = False) -> Iterator[tuple[str, Any]]:
    """Name and raw input of each, in order; a BadInput for a .json file that cannot be used.

    out: the CSV file of --out, if any; then folders and zip files are searched for inputs, folders recursively and in
    the order of names, leaving out `out` itself. unread: whether files are left to be read later, as `Unread`.
    """
    for name in inputs:
        if task.input == "text":
            yield name, name
        elif name == "-" and task.input != "fields":
            yield "stdin", sys.stdin.buffer.read(MAX_BYTES + 1)
        elif object_store.is_address(name):
            for file in object_store.files(name) if out else [name]:
                yield file, Unread(file, file) if unread else _stored(file, task)
        elif out and Path(name).is_dir():
            for file in _within(name, out):
                yield str(file), Unread(str(file), str(file), in_folder=True) if unread else _regular(file, task)
        elif out and name.lower().endswith(".zip") and unread:
            with batch.opened(Path(name), name) as (_, entries):
                members = [f"{name}/{entry.filename}" for entry in entries]
            yield from ((member, Unread(name, member, position)) for position, member in enumerate(members))
        elif out and name.lower().endswith(".zip"):
            yield from ((member, _unpacked(member, data, task)) for member, data in batch.zipped(Path(name), name))
        else:
            yield name, Unread(name, name) if unread else _file(Path(name), task)


def fields(pairs: list[str], task: Task) -> dict[str, Any]:
    """The raw input of `--field NAME=VALUE` options. Raises BadInput."""
    texts = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise BadInput(f"--field {pair!r:.60} has no =; write --field NAME=VALUE, such as Age=30.")
        if name.strip() in texts:
            raise BadInput(f"--field {name.strip()!r:.60} is given twice; give each field once.")
        texts[name.strip()] = value
    return from_texts(texts, task.fields)


def _within(folder: str, out: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_clutter(name))
        visible = (Path(parent, file) for file in sorted(files) if not is_clutter(file))
        yield from (file for file in visible if not _is_output(file, out))


def _is_output(file: Path, out: Path) -> bool:
    """Whether it is the file of --out, or one that `--ray` has beside it until it ends."""
    if file.name in {f"{out.name}.partial{suffix}" for suffix in ("", ".json", ".lock")}:
        return file.parent.samefile(out.parent)
    return out.exists() and file.exists() and file.samefile(out)


def _regular(file: Path, task: Task) -> Any:
    """As `_file`, for a file in a folder; a BadInput for a pipe, which may never end."""
    if file.exists() and not file.is_file():
        return BadInput(f"{file.name} is a pipe, socket or device, not a file.")
    return _file(file, task)


def _file(file: Path, task: Task) -> Any:
    """The file itself, or the raw input in a .json file."""
    if file.suffix.lower() != ".json":
        if task.input == "fields":
            return BadInput(
                f"{file} is not a .json file. Pass values with --field NAME=VALUE, or a table with --from FILE."
            )
        return file
    try:
        if file.stat().st_size > MAX_JSON_BYTES:
            raise BadInput(f"{file} is larger than {MAX_JSON_BYTES // 2**20} MB; pass a smaller file.")
        return _parsed(file.read_bytes(), task)
    except BadInput as error:
        return error
    except OSError as error:
        return BadInput(f"{file} cannot be read: {error.strerror}. Pass an existing file.")


@lru_cache(maxsize=2)  # opening a zip with many files takes longer than reading one of them
def _opened(path: str) -> list[tuple[zipfile.ZipFile, zipfile.ZipInfo]]:
    """The entries of a zip file, which stays open."""
    with batch.opened(Path(path), path) as (_, entries):
        archive = zipfile.ZipFile(path)
        return [(archive, entry) for entry in entries]


def _stored(address: str, task: Task) -> Any:
    """As `_file`, for an address. Raises ZooError if the object store cannot be used."""
    if task.input == "fields" and not address.lower().endswith(".json"):
        return _file(Path(address), task)
    is_json = address.lower().endswith(".json")
    try:
        data = object_store.read(address, (MAX_JSON_BYTES if is_json else MAX_BYTES) + 1)
    except FileNotFoundError:
        return BadInput(f"Could not read {address}: No such file. Pass the address of a file.")
    if is_json and len(data) > MAX_JSON_BYTES:
        return BadInput(f"{address} is larger than {MAX_JSON_BYTES // 2**20} MB; pass a smaller file.")
    return _unpacked(address, data, task)


def _unpacked(name: str, data: bytes | BadInput, task: Task) -> Any:
    try:
        return _parsed(data, task) if isinstance(data, bytes) and name.lower().endswith(".json") else data
    except BadInput as error:
        return error


def _parsed(data: bytes, task: Task) -> Any:
    """The raw input in JSON of the form that REST takes."""
    return inputs.raw(inputs.parse(data, lambda: task), task)


@contextmanager
def rows(file: str, column: str | None, task: Task) -> Iterator[batch.Texts]:
    """The texts of --from FILE, or its rows for a task of fields; of stdin for "-".

    Raises BadInput for a file that cannot be read to its end.

    A pipe is copied first, because a file is read twice: to check it, and to answer it.
    """
    name = "stdin" if file == "-" else file
    with ExitStack() as stack:
        try:
            if object_store.is_address(file):
                source = stack.enter_context(object_store.opened(file))
            else:
                source = stack.enter_context(open(0 if file == "-" else file, "rb", closefd=file != "-"))
            seekable = stack.enter_context(_seekable(source))
            if parquet.is_parquet(name):
                found = parquet.rows(seekable, name, column, task)
            elif task.input == "fields":
                found = batch.records(seekable, name, task.fields)
            else:
                found = batch.texts(seekable, name, column)
        except OSError as error:
            raise BadInput(f"Could not read {name}: {error.strerror or error}. Pass a CSV or text file.") from error
        yield found


@contextmanager
def _seekable(source: IO[bytes]) -> Iterator[IO[bytes]]:
    if source.seekable():
        yield source
        return
    with tempfile.SpooledTemporaryFile(MAX_IN_MEMORY) as copy:
        shutil.copyfileobj(source, copy)
        yield copy
