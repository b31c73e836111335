"""The unfinished CSV file of `zoo predict --out --ray`, which the same command continues.

`answers.csv.partial` holds the rows, and `answers.csv.partial.json` what belongs to them.
"""

import os
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from models import paths
from models.errors import ZooError, printable

PARTIAL = ".partial"


class State(BaseModel):
    """What is in a partial file.

    header: its first line, with a byte order mark if any. chunks, rows, failed: how many are in it; size: in bytes.
    inputs: a digest of the names of the inputs in these chunks.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    checkpoint: str
    header: str
    chunks: int = 0
    rows: int = 0
    failed: int = 0
    size: int
    inputs: str = ""


class PartialOutput:
    """A partial file, opened to append to it; a lock beside it keeps other commands out until it is closed.

    Raises ZooError if another command has it open, if it belongs to another model, or if it cannot be written.
    """

    def __init__(self, out: Path, model: str, checkpoint: str, header: str):
        self.target = out.resolve()  # what a link points to is replaced, not the link
        self.path = self.target.with_name(self.target.name + PARTIAL)
        self._state_path = self.target.with_name(f"{self.target.name}{PARTIAL}.json")
        self._lock = FileLock(f"{self.path}.lock", timeout=0)
        fresh = State(model=model, checkpoint=checkpoint, header=header, size=len(header.encode()))
        try:
            self.path.parent.stat()  # FileLock would create a missing folder
            self._lock.acquire()
            self.state = self._found(fresh) or fresh
            self._file = self.path.open("r+b" if self.state.chunks else "wb")
            self._file.truncate(self.state.size if self.state.chunks else 0)
            self._file.seek(0, os.SEEK_END)
            if not self.state.chunks:
                self._file.write(header.encode())
                self._file.flush()
        except Timeout as error:
            raise ZooError(f"Another command is writing {self.path}; wait for it, or pass another --out.") from error
        except OSError as error:
            self._unlock()
            raise ZooError(f"Could not write {self.path}: {error.strerror or error}. Pass another --out.") from error
        except ZooError:
            self._unlock()
            raise

    def append(self, csv: bytes, rows: int, failed: int, inputs: str) -> None:
        """Add the rows of the next chunk.

        inputs: the digest of the names up to there. Raises ZooError if they cannot be stored, such as on a full disk.
        """
        state = self.state
        try:
            self._file.write(csv)
            self._file.flush()
            os.fsync(self._file.fileno())
            self.state = state.model_copy(
                update={
                    "chunks": state.chunks + 1,
                    "rows": state.rows + rows,
                    "failed": state.failed + failed,
                    "size": state.size + len(csv),
                    "inputs": inputs,
                }
            )
            paths.write_atomically(self._state_path, self.state.model_dump_json(indent=1))
        except (OSError, ZooError) as error:
            self.state = state
            reason = getattr(error.__cause__ or error, "strerror", None) or error
            raise ZooError(f"Could not write {self.path}: {reason}.{self.remark()}") from error

    def check_inputs(self, inputs: str) -> None:
        """Raise ZooError if the rows that are there belong to other inputs. inputs: the digest of the present names."""
        if self.state.chunks and inputs != self.state.inputs:
            raise ZooError(
                f"{self.path} was begun with other inputs, or they have changed. Remove it to begin again, or pass "
                "another --out."
            )

    def finish(self) -> None:
        """Give the file its name."""
        try:
            self._file.close()
            os.replace(self.path, self.target)
            self._state_path.unlink(missing_ok=True)
        except OSError as error:
            raise ZooError(f"Could not write {self.target}: {error.strerror or error}.{self.remark()}") from error

    def close(self) -> None:
        """Close the file, and let other commands have it; without rows, remove it."""
        with suppress(OSError):
            self._file.close()
        if not self.state.chunks:
            for path in (self.path, self._state_path):
                with suppress(OSError):
                    path.unlink(missing_ok=True)
        self._unlock()

    def remark(self) -> str:
        """A sentence on the rows that are there, after a space; empty without rows."""
        if not self.state.chunks:
            return ""
        return f" {self.state.rows:,} rows are in {printable(str(self.path))}; the same command continues after them."

    def _unlock(self) -> None:
        """Release the lock, if it is held, and remove its file."""
        if self._lock.is_locked:
            with suppress(OSError):  # on Windows, the file is removed by the release
                os.unlink(self._lock.lock_file)
            self._lock.release()

    def _found(self, fresh: State) -> State | None:
        """The state of an earlier, interrupted command; None without one."""
        try:
            state = State.model_validate_json(self._state_path.read_bytes())
            size = self.path.stat().st_size
        except (FileNotFoundError, ValidationError):
            return None
        if size < state.size:
            return None  # not this file
        if (state.model, state.checkpoint, state.header) != (fresh.model, fresh.checkpoint, fresh.header):
            raise ZooError(
                f"{self.path} was begun with another model, checkpoint or other columns. Remove it to begin again, or "
                "pass another --out."
            )
        return state
