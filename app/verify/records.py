"""What `zoo verify` found, kept in ZOO_HOME/verified: a small file for each checkpoint and the versions it was checked with.

A checkpoint is known by the sha256 of its config.json, which holds the sha256 of every other file.
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
KEPT = 20  # files of one checkpoint, the newest
START = 16  # digits of the checkpoint's hash in a file's name


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Check(_Strict):
    """What was checked, whether it holds (None: it could not be checked here), what was found, and how many seconds it took."""

    what: str = Field(max_length=400)  # of a figure, its data set's name, which is no longer than 300
    holds: bool | None
    found: str
    seconds: float = 0.0


class Record(_Strict):
    """What was found, when, and with which versions."""

    checkpoint: str
    config: str
    date: datetime
    versions: dict[str, str]
    checks: tuple[Check, ...]

    @property
    def current(self) -> bool:
        """Whether it was checked with what is here now."""
        return self.versions == versions()

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.holds is False)

    @property
    def passed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.holds)


def verified(checkpoint: Checkpoint) -> Record | None:
    """What was found with the versions that are here, else with others, the newest; None where it was never checked. Reads small files."""
    try:
        key = checkpoint.digest
        records = [record for record in map(_read, _files(key)) if record and record.config == key]
    except OSError:
        return None
    return next((record for record in records if record.current), next(iter(records), None))


def keep(checkpoint: Checkpoint, checks: list[Check], date: datetime | None = None) -> Record:
    """Write what was found with the versions that are here, in one step, in the place of what was found with them before."""
    record = Record(
        checkpoint=checkpoint.fingerprint if checks and checks[0].holds else "",
        config=checkpoint.digest,
        date=date or datetime.now(UTC),
        versions=versions(),
        checks=tuple(checks),
    )
    told = hashlib.sha256(repr(sorted(record.versions.items())).encode()).hexdigest()
    paths.write_atomically(_folder() / f"{record.config[:START]}-{told[:12]}.json", record.model_dump_json(indent=1))
    for path in _files(record.config)[KEPT:]:
        path.unlink(missing_ok=True)
    return record


@cache
def versions() -> dict[str, str]:
    """What an answer depends on beside the checkpoint: the machine's kind, Python, the libraries, and the zoo's own code."""
    found: dict[str, Any] = {
        "machine": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return {**found, "zoo": _code()}


def _code() -> str:
    """The first digits of the sha256 of our own modules, and of what the pages are drawn with."""
    digest = hashlib.sha256()
    for path in sorted(path for part in ("models", "app") for path in (ROOT / part).rglob("*.py")):
        digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _files(key: str) -> list[Path]:
    """The records of one checkpoint, the newest first."""
    return sorted(_folder().glob(f"{key[:START]}-*.json"), key=os.path.getmtime, reverse=True)


def _folder() -> Path:
    return paths.data_home() / "verified"


def _read(path: Path) -> Record | None:
    """The record in a file of ours; None for one that is damaged, which the next `zoo verify` replaces."""
    try:
        return Record.model_validate_json(path.read_bytes()) if path.stat().st_size <= MAX_BYTES else None
    except (OSError, ValidationError, ZooError):
        return None
