"""Text: input in any script, as one bounded canonical text in which each character knows its position in the input.

- Bytes are read as UTF-8 only; a text is never a file name.
- At most MAX_LETTERS letters are read; a note says how many there were.
- Every character becomes its common form, see `models.inputs.folding.plain`: control characters (including tabs and
  line ends) become spaces, invisible ones vanish, curly apostrophes, ligatures and full-width letters become plain.
- The text is converted to Unicode's composed form (NFC), so that é typed as one character or as two is the same.
"""

import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from models.errors import BadInput, TooLarge
from models.inputs.folding import plain

MAX_BYTES = 2**20  # of the input; ten thousand letters of any script, with their marks, are less
MAX_LETTERS = 10_000
EMPTY = "There is no text yet; type something."


@dataclass(frozen=True)
class Text:
    """The canonical text.

    typed: the input, as far as it was read; text: the same in canonical form.
    spans: for each character of `text` its position in `typed`, (start, end).
    notes: remarks about how the text was read, a sentence each.
    """

    typed: str
    text: str
    spans: tuple[tuple[int, int], ...]
    notes: tuple[str, ...] = ()


def read(raw: Any) -> Text:
    """Read a str or UTF-8 bytes. Raises BadInput if it is empty or not text, TooLarge if it has too many bytes."""
    if isinstance(raw, Text):
        return raw
    if raw is None:
        raise BadInput(EMPTY)
    if isinstance(raw, bytes | bytearray):
        raw = _decoded(raw)
    if not isinstance(raw, str):
        raise BadInput(f"The input must be text, not {type(raw).__name__}; send a string.")
    typed = raw[:MAX_LETTERS]
    notes = ()
    if len(raw) > MAX_LETTERS:
        notes = (f"Only the first {MAX_LETTERS:,} of {len(raw):,} characters were read.",)
    if typed.isascii() and typed.isprintable() and typed.strip():  # nothing to clean or compose
        return Text(typed, typed, tuple((i, i + 1) for i in range(len(typed))), notes)
    pieces, spans = [], []
    for start, end in _clusters(typed):
        composed = _composed(typed[start:end])
        pieces.append(composed)
        # A vowel sign after its letter has a position of its own; the letters of a ligature share one.
        alone = len(composed) == end - start
        spans += [(start + i, start + i + 1) if alone else (start, end) for i in range(len(composed))]
    text = "".join(pieces)
    if not any(is_visible(character) for character in text):
        raise BadInput(EMPTY)
    return Text(typed, text, tuple(spans), notes)


def is_visible(character: str) -> bool:
    """Whether a character is visible by itself: not a space, mark, joiner or direction control."""
    return unicodedata.category(character)[0] not in "ZMC" or unicodedata.category(character) in ("Co", "Cn")


def _decoded(raw: bytes | bytearray) -> str:
    if len(raw) > MAX_BYTES:
        raise TooLarge(f"This text has {len(raw):,} bytes; at most {MAX_BYTES:,} are allowed. Send a shorter one.")
    try:
        return bytes(raw).decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"This text is not UTF-8 (byte {error.start:,}); save it as UTF-8 and send it again.") from error


def _composed(cluster: str) -> str:
    """The common forms of a character and its marks, in Unicode's composed form."""
    text = "".join(map(plain, cluster))
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _clusters(typed: str) -> list[tuple[int, int]]:
    """(start, end) of each character with its marks; the parts of a Korean syllable stay together."""
    starts = [i for i, c in enumerate(typed) if i == 0 or not _joins(c)]
    return list(pairwise([*starts, len(typed)]))


def _joins(character: str) -> bool:
    """Whether a character belongs to the one before it.

    That is so for marks, Korean vowels and endings, half-width voicing signs and invisible characters.
    """
    if unicodedata.category(character)[0] == "M" or "\u1160" <= character <= "\u11ff":
        return True
    return "\uff9e" <= character <= "\uff9f" or not plain(character)
