"""Converts a text to one code per letter, and to the hashed n-grams around each letter.

Letters are folded as in the PyTorch course that the names come from: decomposed (NFD), without accents, in lower case.
Dashes are dropped, curly apostrophes straightened, spaces at the ends removed and runs of spaces reduced to one. The
course then dropped everything that is not ASCII. Here, a character that is not in the vocabulary becomes the unknown
token, so that texts in every script get an answer, every letter keeps its position, and the user learns how many were
unknown.

Arrays, N texts of at most T letters:
    x        int64 (N, T): 0 is padding, UNKNOWN the unknown token, then the vocabulary in its order
    lengths  int64 (N,)
    ngrams   int64 (N, T, 3): at each position t the 2-gram at t-1..t, the 3-gram at t-1..t+1, the 4-gram at t-2..t+1,
             with "^" before the text and "$" after it: CRC-32 of its UTF-8 bytes modulo (buckets - 1), plus 1; 0 if
             it contains an unknown letter, and in padding
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.inputs.text import Text
from models.processors.base import TextStage, Token
from models.processors.tokens import MAX_LIMIT, TextProcessor

MARK = "\N{WHITE SQUARE}"  # how an unknown letter is shown to people
APOSTROPHES = frozenset("'`´ʹʻʼ‘’‛′")
PUNCTUATION = frozenset(" ,;.'")
WINDOWS = ((1, 0), (1, 1), (2, 1))  # letters before and after the position, for each n-gram
LONGEST = 8  # characters of an unknown letter that are shown, including its combining marks
START, END = ord("^"), ord("$")


@dataclass(frozen=True)
class Characters(TextProcessor):
    """The processor of short texts.

    vocabulary: the known letters, in ASCII. buckets: of the hash table; 0 for no n-grams. limit: maximum letters read.
    """

    vocabulary: str = ""
    buckets: int = 0
    limit: int = 100
    noun = "characters"

    def __post_init__(self) -> None:
        if (
            not self.vocabulary.isascii()
            or len(set(self.vocabulary)) != len(self.vocabulary)
            or not 1 <= self.limit <= MAX_LIMIT
        ):
            raise ValueError("the vocabulary must be distinct ASCII letters, the limit 1 to 1,000")
        if self.buckets == 1 or not 0 <= self.buckets <= 2**24:
            raise ValueError("buckets must be 0, or 2 to 2**24")

    def fit(self, raws: Iterable[Any], more: Iterable[str] = ()) -> "Characters":
        """This processor with the vocabulary of these texts; `more` is ignored, because it is for words."""
        seen = {letter for raw in raws for letter, _, _ in _folded(self.read(raw)) if letter}
        return replace(self, vocabulary="".join(sorted(seen)))

    def sizes(self) -> dict[str, int]:
        """The arguments of a net that reads these arrays: the size of the vocabulary, and the buckets."""
        return {"letters": len(self.vocabulary) + 2, **({"buckets": self.buckets} if self.buckets else {})}

    def tokens(self, text: Text) -> tuple[Token, ...]:
        """The letters of a text as the net reads them, at least one and at most `limit`."""
        letters = _folded(text)[: self.limit]
        if not letters:  # only characters that are dropped, such as a single dash
            letters = [("", 0, len(text.typed))]
        return tuple(
            Token(letter if letter in self.codes else MARK, start, end, letter in self.codes)
            for letter, start, end in letters
        )

    def notes(self, text: Text) -> tuple[str, ...]:
        """Remarks on this input for the user, one sentence each; usually none."""
        parts, notes = self.tokens(text), list(text.notes)
        whole = len(_folded(text))
        if whole > self.limit:
            notes.append(f"Only the first {self.limit} of {whole:,} characters were used.")
        notes += self.unknown(text, LONGEST)
        read = "".join(part.text for part in parts)
        if any(part.known for part in parts) and read != " ".join(text.typed.lower().split())[: self.limit]:
            notes.append(f"Read as: {read}")
        return tuple(notes)

    def stages(self, text: Text) -> list[TextStage]:
        """The steps from the text to the net's input."""
        typed = tuple(
            Token(text.typed[start:end], start, end, True) for start, end in dict.fromkeys(text.spans[: 2 * self.limit])
        )
        stages = [
            TextStage("Your letters", "As typed.", typed),
            TextStage(
                "What the net reads",
                f"Lower-case letters without accents; {MARK} is a character that the net does not know.",
                self.tokens(text),
            ),
        ]
        if self.buckets:
            sentence = (
                "The net also looks at every two, three and four letters in a row; ^ marks the beginning and $ the end."
            )
            stages.append(TextStage("Letters in a row", sentence, self._rows_of_letters(text)))
        return stages

    def to_dict(self) -> dict[str, Any]:
        """The content of `processor.json`."""
        return {"name": "characters", "vocabulary": self.vocabulary, "buckets": self.buckets, "limit": self.limit}

    def known(self) -> str:
        """The vocabulary in its order."""
        return self.vocabulary

    def ngrams(self, x: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """The hashed n-grams (N, T, 3) of letters x (N, T)."""
        letters = np.frombuffer(b"\0\0" + self.vocabulary.encode(), np.uint8)[x]  # (N, T), ASCII; 0 is unknown
        place = np.arange(x.shape[1])
        letters = np.where(place < lengths[:, None], letters, END)
        around = np.pad(letters, ((0, 0), (2, 1)), constant_values=START)
        around[:, -1] = END
        ngrams = np.zeros((*x.shape, len(WINDOWS)), np.int64)
        for n, (before, after) in enumerate(WINDOWS):
            window = [around[:, 2 + step : 2 + step + x.shape[1]] for step in range(-before, after + 1)]
            known = np.logical_and.reduce([letter != 0 for letter in window]) & (place < lengths[:, None])
            ngrams[:, :, n] = np.where(known, crc32(window) % (self.buckets - 1) + 1, 0)
        return ngrams

    def _rows_of_letters(self, text: Text) -> tuple[Token, ...]:
        parts = self.tokens(text)
        letters = ["^", "^", *(part.text for part in parts), "$"]
        known = [True, True, *(part.known for part in parts), True]
        return tuple(
            Token("".join(letters[i + 2 - b : i + 3 + a]), part.start, part.end, all(known[i + 2 - b : i + 3 + a]))
            for i, part in enumerate(parts)
            for b, a in WINDOWS
        )


def crc32(letters: Sequence[np.ndarray]) -> np.ndarray:
    """The CRC-32 (as in zlib) of the bytes at each position of the arrays (uint8, any shape), int64."""
    crc = np.full(letters[0].shape, 0xFFFFFFFF, np.uint32)
    for letter in letters:
        crc = _TABLE[(crc ^ letter) & 0xFF] ^ (crc >> np.uint32(8))
    return (crc ^ np.uint32(0xFFFFFFFF)).astype(np.int64)


def _table() -> np.ndarray:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, np.uint32(0xEDB88320) ^ (table >> np.uint32(1)), table >> np.uint32(1))
    return table


_TABLE = _table()


def _folded(text: Text) -> list[tuple[str, int, int]]:
    """(letter, start, end) of every letter of the text; the letter is "" if it cannot be folded to ASCII."""
    letters: list[tuple[str, int, int]] = []
    for character, (start, end) in zip(text.text, text.spans, strict=True):
        letter = fold(character)
        if letter is None or (letter == " " and (not letters or letters[-1][0] == " ")):
            continue
        letters.append((letter, start, end))
    if letters and letters[-1][0] == " ":
        letters.pop()
    return letters


def fold(character: str) -> str | None:
    """An ASCII letter or sign for a character; None if it is dropped, "" if it has no ASCII form."""
    if character in APOSTROPHES:
        return "'"
    category = unicodedata.category(character)
    if category[0] == "Z":
        return " "
    if category[0] == "M" or category in ("Cf", "Pd"):
        return None
    base = [c for c in unicodedata.normalize("NFD", character) if unicodedata.category(c)[0] != "M"]
    if len(base) == 1 and (("a" <= base[0].lower() <= "z") or base[0] in PUNCTUATION):
        return base[0].lower()
    return ""
