"""What a model of the Hub is called: `user/name`, or `user/name@revision` for a branch, a tag or a commit of it."""

import re
from dataclasses import dataclass

from models.errors import ZooError

PART = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?"
ID = re.compile(rf"{PART}/{PART}")
REVISION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/-]{0,99}")
COMMIT = re.compile(r"[0-9a-f]{40}")
MAIN = "main"  # the branch that counts where none is named


@dataclass(frozen=True)
class Name:
    """id: `user/name`. revision: what was asked for, None for none."""

    id: str
    revision: str | None = None

    def __str__(self) -> str:
        return f"{self.id}@{self.revision}" if self.revision else self.id


def is_id(text: str) -> bool:
    """Whether `text` could be a model's id on the Hub, without its revision."""
    return len(text) <= 96 and ID.fullmatch(text) is not None and "--" not in text and ".." not in text


def parse(text: str) -> Name:
    """The name that `text` is. Raises ZooError for what can be none."""
    id, at, revision = text.partition("@")
    if not is_id(id):
        raise ZooError(
            f"{text[:100]!r} is no name of a model on the Hub; expected user/name or user/name@revision, such as "
            "ada/mnist-cnn@main."
        )
    if at and (not REVISION.fullmatch(revision) or ".." in revision):
        raise ZooError(
            f"{revision[:100]!r} is no revision; expected a branch, a tag or a commit's hash, such as {id}@main."
        )
    return Name(id, revision or None)
