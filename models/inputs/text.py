"""Text: whatever was typed, in any script, as one bounded canonical text whose letters know where they were typed.

- Bytes are read as UTF-8 and nothing else; no text names a file.
- MAX_LETTERS letters are read; what comes after them is named in a note.
- Control characters (tabs and line ends among them) become blanks; a byte order mark and half a surrogate pair are no
    letters.
- The text is put into Unicode's composed form (NFC), mark by mark, so that é typed as one character or as two is the
    same.
"""

import unicodedata
from dataclasses import dataclass
from typing import Any

from models.errors import BadInput, TooLarge

MAX_BYTES = 2**20  # of bytes handed over; ten thousand letters of any script, and their marks, are less
MAX_LETTERS = 10_000
EMPTY = "There is no text yet; type something."


@dataclass(frozen=True)
class Text:
    """The canonical text.

    typed: what was typed, as far as it was read. text: the same in canonical form. spans: for each character of `text`
    where it lies in `typed`, (start, end).
    """

    typed: str
    text: str
    spans: tuple[tuple[int, int], ...]
    notes: tuple[str, ...] = ()


def read(raw: Any) -> Text:
    """A text from a str or UTF-8 bytes.

    Raises BadInput when it is empty or no text, TooLarge when there are too many bytes.
    """
    if isinstance(raw, Text):
        return raw
    if raw is None:
        raise BadInput(EMPTY)
    if isinstance(raw, bytes | bytearray):
        raw = _decoded(raw)
    if not isinstance(raw, str):
        raise BadInput(f"A text is expected here, not {type(raw).__name__}.")
    typed = raw[:MAX_LETTERS]
    notes = ()
    if len(raw) > MAX_LETTERS:
        notes = (f"Only the first {MAX_LETTERS:,} of {len(raw):,} letters were read.",)
    if typed.isascii() and typed.isprintable() and typed.strip():  # nothing to clean or compose
        return Text(typed, typed, tuple((i, i + 1) for i in range(len(typed))), notes)
    pieces, spans = [], []
    for start, end in _clusters(typed):
        composed = unicodedata.normalize("NFC", "".join(_cleaned(c) for c in typed[start:end]))
        pieces.append(composed)
        spans += [(start, end)] * len(composed)
    text = "".join(pieces)
    if not any(is_seen(character) for character in text):
        raise BadInput(EMPTY)
    return Text(typed, text, tuple(spans), notes)


def is_seen(character: str) -> bool:
    """Whether a character leaves anything on paper by itself: no blank, mark, joiner or direction sign."""
    return unicodedata.category(character)[0] not in "ZMC" or unicodedata.category(character) in ("Co", "Cn")


def _decoded(raw: bytes | bytearray) -> str:
    if len(raw) > MAX_BYTES:
        raise TooLarge(f"This text has {len(raw):,} bytes; at most {MAX_BYTES:,} are read. Send a shorter one.")
    try:
        return bytes(raw).decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"This text is not UTF-8 (byte {error.start:,}); save it as UTF-8 and send it again.") from error


def _cleaned(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cc" or category in ("Zl", "Zp"):
        return " "
    return "\ufffd" if category == "Cs" else character


def _clusters(typed: str) -> list[tuple[int, int]]:
    """(start, end) of each character with the marks that follow it; the parts of a Korean syllable stay together."""
    if unicodedata.is_normalized("NFC", typed):
        return [(i, i + 1) for i in range(len(typed))]
    starts = [i for i, c in enumerate(typed) if i == 0 or not _joins(c)]
    return list(zip(starts, [*starts[1:], len(typed)], strict=True))


def _joins(character: str) -> bool:
    return unicodedata.category(character)[0] == "M" or "\u1160" <= character <= "\u11ff"
