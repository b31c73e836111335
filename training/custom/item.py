"""One of a user's own examples."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Item:
    """One example.

    raw: what the processor reads: the path of an image, a text, or the values of a row by field. name: how messages
    refer to it ("ash/3.png", "line 7"). content: SHA-256 of the file's bytes, of the lower-case text or of the values;
    equal for identical examples.
    """

    raw: Path | str | dict[str, Any]
    label: str
    name: str
    content: str
