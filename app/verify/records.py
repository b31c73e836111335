"""Results of `zoo verify`, stored in ZOO_HOME/verified: a small file per checkpoint and set of library versions.

A checkpoint is identified by the SHA-256 of its config.json, which contains the SHA-256 of every other file.
"""

import hashlib
import os
import platform
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models import paths
from models.checkpoint import Checkpoint
from models.errors import ZooError

LIBRARIES = ("numpy", "onnxruntime", "pillow", "streamlit", "gradio", "mcp", "fastapi", "torch")
ROOT = Path(__file__).parents[2]
MAX_BYTES = 2**20
MAX_FILES = 20  # of one checkpoint; the oldest are deleted
KEY_DIGITS = 16  # of the checkpoint's hash, in a file's name


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Check(_Strict):
    """One check.

    what: what was checked. holds: whether it passed; None if it could not be checked on this machine.
    detail: the result in words. seconds: how long it took.
    """

    what: str = Field(max_length=400)  # may name a data set, in up to 300 characters
    holds: bool | None
    detail: str
    seconds: float = 0.0


class Record(_Strict):
    """The checks of one checkpoint, with their date and the versions used."""

    checkpoint: str
    config: str
    date: datetime
    versions: dict[str, str]
    checks: tuple[Check, ...]

    @property
    def current(self) -> bool:
        """Whether it was checked with the versions installed now."""
        return self.versions == versions()

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.holds is False)

    @property
    def passed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.holds)


def verified(checkpoint: Checkpoint) -> Record | None:
    """The record made with the versions installed now, or else the newest; None if there is none."""
    try:
        key = checkpoint.digest
        records = [record for record in map(_read, _files(key)) if record and record.config == key]
    except OSError:
        return None
    return next((record for record in records if record.current), next(iter(records), None))


def save(checkpoint: Checkpoint, checks: list[Check], date: datetime | None = None) -> Record:
    """Write the record of these checks atomically, replacing an earlier one with the same versions."""
    record = Record(
        checkpoint=checkpoint.fingerprint if checks and checks[0].holds else "",
        config=checkpoint.digest,
        date=date or datetime.now(UTC),
        versions=versions(),
        checks=tuple(checks),
    )
    version_key = hashlib.sha256(repr(sorted(record.versions.items())).encode()).hexdigest()
    written = _folder() / f"{record.config[:KEY_DIGITS]}-{version_key[:12]}.json"
    paths.write_atomically(written, record.model_dump_json(indent=1))
    for path in _files(record.config)[MAX_FILES:]:
        if path != written:  # it is not the newest if the clock was set back
            path.unlink(missing_ok=True)
    return record


@cache
def versions() -> dict[str, str]:
    """What a prediction depends on besides the checkpoint.

    That is the kind of machine, Python, the libraries, and the Zoo's code.
    """
    here: dict[str, Any] = {
        "machine": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }
    for name in LIBRARIES:
        try:
            here[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return {**here, "zoo": _code()}


def _code() -> str:
    """The first digits of the SHA-256 of the modules of `models` and `app`."""
    digest = hashlib.sha256()
    for path in sorted(path for part in ("models", "app") for path in (ROOT / part).rglob("*.py")):
        digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _files(key: str) -> list[Path]:
    """The record files of one checkpoint, newest first."""
    return sorted(_folder().glob(f"{key[:KEY_DIGITS]}-*.json"), key=os.path.getmtime, reverse=True)


def _folder() -> Path:
    return paths.data_home() / "verified"


def _read(path: Path) -> Record | None:
    """The record in a file; None for a damaged one, which the next `zoo verify` replaces."""
    try:
        return Record.model_validate_json(path.read_bytes()) if path.stat().st_size <= MAX_BYTES else None
    except (OSError, ValidationError, ZooError):
        return None
