"""Names of models on the Hub: `user/name`, or `user/name@revision` for a branch, tag or commit."""

import re
from dataclasses import dataclass

from models.errors import ZooError

PART = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?"
ID = re.compile(rf"{PART}/{PART}")
REVISION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/-]{0,99}")
COMMIT = re.compile(r"[0-9a-f]{40}")
MAIN = "main"  # the default branch


@dataclass(frozen=True)
class Name:
    """A model on the Hub. id: `user/name`; revision: the requested revision, or None."""

    id: str
    revision: str | None = None

    def __str__(self) -> str:
        return f"{self.id}@{self.revision}" if self.revision else self.id


def is_id(text: str) -> bool:
    """Whether `text` is a valid model id of the Hub, without a revision."""
    return len(text) <= 96 and ID.fullmatch(text) is not None and "--" not in text and ".." not in text


def parse(text: str) -> Name:
    """Parse a name. Raises ZooError if it is invalid."""
    id, at, revision = text.partition("@")
    if not is_id(id):
        raise ZooError(
            f"{text[:100]!r} is not the name of a model on the Hub; expected user/name or user/name@revision, "
            "such as ada/mnist-cnn@main."
        )
    if at and (not REVISION.fullmatch(revision) or ".." in revision):
        raise ZooError(
            f"{revision[:100]!r} is not a revision; expected a branch, a tag or a commit hash, such as {id}@main."
        )
    return Name(id, revision or None)
