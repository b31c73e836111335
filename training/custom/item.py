"""One example of one's own."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Item:
    """One example.

    raw: what the processor reads, an image's path or a text; name: what people know it by ("ash/3.png", "line 7").

    content: SHA-256 of the file's bytes, or of the text in small letters; the same content is the same example.
    """

    raw: Path | str
    label: str
    name: str
    content: str
