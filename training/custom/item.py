"""One of a user's own examples."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Item:
    """One example.

    raw: what the processor reads, the path of an image or a text. name: how messages refer to it ("ash/3.png",
    "line 7"). content: SHA-256 of the file's bytes or of the lower-case text; equal for identical examples.
    """

    raw: Path | str
    label: str
    name: str
    content: str
