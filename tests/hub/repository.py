"""What the local Hub of the tests keeps: repositories with their commits, and the failures that were planted."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

LFS = (".onnx", ".safetensors")


@dataclass
class Blob:
    """A file as one commit holds it."""

    data: bytes
    lfs: bool

    @property
    def oid(self) -> str:
        return hashlib.sha1(b"blob %d\0" % len(self.data) + self.data).hexdigest()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    def info(self, path: str) -> dict[str, Any]:
        """As tree and paths-info say it."""
        lfs = {"lfs": {"oid": self.sha256, "size": len(self.data), "pointerSize": 130}} if self.lfs else {}
        return {"type": "file", "path": path, "size": len(self.data), "oid": self.oid, **lfs}


@dataclass
class Repo:
    """A repository: its commits (files by path) and what its branches and tags name."""

    commits: dict[str, dict[str, Blob]] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    private: bool = False
    gated: bool = False
    sdk: str | None = None

    def commit(self, files: dict[str, Blob], message: str, branch: str = "main") -> str:
        """Put `files` on top of a branch; gives the new commit's hash."""
        whole = {**self.commits.get(self.refs.get(branch, ""), {}), **files}
        self.messages.append(message)
        said = json.dumps([len(self.commits), {path: blob.oid for path, blob in whole.items()}])
        oid = hashlib.sha1(said.encode()).hexdigest()
        self.commits[oid] = whole
        self.refs[branch] = oid
        return oid

    def resolved(self, revision: str) -> str | None:
        return self.refs.get(revision) or (revision if revision in self.commits else None)


@dataclass
class Failure:
    """Something that goes wrong where "METHOD /path" matches: an answer's status, or a change to its body.

    body: "cut" (the connection ends half-way), "truncate" (whole and polite, but half), "tamper" (a byte is another),
    "grow" (never ends); size: what trees say the file has, whatever it has. times: how often; after that all is well
    again.
    """

    match: str
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    size: int | None = None
    times: int = 1_000_000
