"""Converts a text to one code per letter, and to the hashed n-grams around each letter.

The vocabulary is fitted to the training texts, in any script. Letters become lower case, as in the PyTorch course that
the names come from; a letter that is not in the vocabulary is read without its accents (as in the course) or in its
usual Latin spelling, such as l for Ł and ss for ß, if that is in it. Dashes are dropped, quotes and backticks become
apostrophes, spaces at the ends are removed and runs of spaces reduced to one. The course then dropped everything that
is not ASCII. Here, what is still unknown becomes the unknown token, so that every letter keeps its position, and the
user learns how many were unknown; only marks on letters, such as vowel points, and the dots of abbreviations are
dropped.

Arrays, N texts of at most T letters:
    x        int64 (N, T): 0 is padding, UNKNOWN the unknown token, then the vocabulary in its order
    lengths  int64 (N,)
    ngrams   int64 (N, T, 3): at each position t the 2-gram at t-1..t, the 3-gram at t-1..t+1, the 4-gram at t-2..t+1,
             with "^" before the text and "$" after it: CRC-32 of its UTF-8 bytes modulo (buckets - 1), plus 1; 0 if
             it contains an unknown letter, and in padding
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from models.inputs.folding import is_accent, spellings
from models.inputs.text import Text
from models.processors.base import UNKNOWN, TextStage, Token
from models.processors.tokens import MAX_FITTED_LIMIT, MAX_LIMIT, TextProcessor

MARK = "\N{WHITE SQUARE}"  # how an unknown letter is shown to people
WINDOWS = ((1, 0), (1, 1), (2, 1))  # letters before and after the position, for each n-gram
LONGEST = 8  # characters of an unknown letter that are shown, including its combining marks
START, END = "^", "$"
MAX_VOCABULARY = 8_000  # letters; Chinese texts rarely have more
RARE = 2  # a letter with an accent that fewer training texts have is read without it


@dataclass(frozen=True)
class Characters(TextProcessor):
    """The processor of short texts.

    vocabulary: the known letters. buckets: of the hash table; 0 for no n-grams. limit: maximum letters read. shortest:
    letters of the shortest training text; shorter ones are not answered.
    """

    vocabulary: str = ""
    buckets: int = 0
    limit: int = 100
    shortest: int = 1
    noun = "characters"

    def __post_init__(self) -> None:
        letters = set(self.vocabulary)
        if len(letters) != len(self.vocabulary) or len(letters) > MAX_VOCABULARY or not 1 <= self.limit <= MAX_LIMIT:
            raise ValueError(
                f"the vocabulary must be at most {MAX_VOCABULARY:,} distinct letters, the limit 1 to 1,000"
            )
        if any(unicodedata.category(letter) in ("Cc", "Cf", "Cs") for letter in letters):
            raise ValueError("the vocabulary must not have control characters")
        if type(self.shortest) is not int or not 1 <= self.shortest <= self.limit:
            raise ValueError("shortest must be a whole number from 1 to the limit")
        if self.buckets == 1 or not 0 <= self.buckets <= 2**24:
            raise ValueError("buckets must be 0, or 2 to 2**24")

    def fit(self, raws: Iterable[Any], more: Iterable[str] = ()) -> "Characters":
        """This processor with the vocabulary of these texts.

        The limit is raised to the letters of the longest text,
        at most MAX_FITTED_LIMIT.

        more: ignored, because it is for words.
        """
        texts = [self.read(raw) for raw in raws]
        counts = Counter(letter for text in texts for letter in set(map(_own, text.text.strip())) if letter)
        for letter in [letter for letter in counts if counts[letter] < RARE]:
            folded = spellings(letter)[-1]
            if folded.isascii() and folded != letter:
                counts.update(dict.fromkeys(folded, counts.pop(letter)))
        letters = sorted(sorted(counts, key=lambda letter: (-counts[letter], letter))[:MAX_VOCABULARY])
        fitted = replace(self, vocabulary="".join(letters), limit=MAX_LIMIT)
        lengths = [len(fitted._letters(text)) for text in texts]
        limit = max(self.limit, min(max(lengths, default=0), MAX_FITTED_LIMIT))
        return replace(fitted, limit=limit, shortest=max(1, min(min(lengths, default=1), limit)))

    def sizes(self) -> dict[str, int]:
        """The arguments of a net that reads these arrays: the size of the vocabulary, and the buckets."""
        return {"letters": len(self.vocabulary) + 2, **({"buckets": self.buckets} if self.buckets else {})}

    def tokens(self, text: Text) -> tuple[Token, ...]:
        """The letters of a text as the net reads them, at least one and at most `limit`."""
        letters = self._letters(text)[: self.limit]
        if not letters:  # only characters that are dropped, such as a single dash
            letters = [("", 0, len(text.typed))]
        return tuple(
            Token(letter if letter in self.codes else MARK, start, end, letter in self.codes)
            for letter, start, end in letters
        )

    def length(self, text: Text) -> int:
        """The number of letters of a text, whatever the limit."""
        return len(self._letters(text))

    def notes(self, text: Text) -> tuple[str, ...]:
        """Remarks on this input for the user, one sentence each; usually none."""
        parts, notes = self.tokens(text), list(text.notes)
        whole = self.length(text)
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
                f"Lower-case letters; {MARK} is a character that the net does not know.",
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
        shortest = {"shortest": self.shortest} if self.shortest > 1 else {}
        numbers = {"buckets": self.buckets, "limit": self.limit, **shortest}
        return {"name": "characters", "vocabulary": self.vocabulary, **numbers}

    def known(self) -> str:
        """The vocabulary in its order."""
        return self.vocabulary

    def ngrams(self, x: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """The hashed n-grams (N, T, 3) of letters x (N, T)."""
        start, end = len(self.vocabulary) + 2, len(self.vocabulary) + 3  # further codes, in `_bytes`
        place = np.arange(x.shape[1])
        letters = np.where(place < lengths[:, None], x, end)
        around = np.pad(letters, ((0, 0), (2, 1)), constant_values=start)
        around[:, -1] = end
        ngrams = np.zeros((*x.shape, len(WINDOWS)), np.int64)
        for n, (before, after) in enumerate(WINDOWS):
            window = [around[:, 2 + step : 2 + step + x.shape[1]] for step in range(-before, after + 1)]
            known = np.logical_and.reduce([letter > UNKNOWN for letter in window]) & (place < lengths[:, None])
            ngrams[:, :, n] = np.where(known, crc32(window, *self._bytes) % (self.buckets - 1) + 1, 0)
        return ngrams

    @cached_property
    def _bytes(self) -> tuple[np.ndarray, np.ndarray]:
        """The UTF-8 bytes of each code, uint8 (codes, 1 to 4) padded with 0, and their number, int64 (codes,)."""
        encoded = [b"", b"", *(letter.encode() for letter in (*self.vocabulary, START, END))]
        sizes = np.array([len(letter) for letter in encoded])
        return np.array([list(letter.ljust(sizes.max(), b"\0")) for letter in encoded], np.uint8), sizes

    def _letters(self, text: Text) -> list[tuple[str, int, int]]:
        """(letter, start, end) of every letter of the text as its vocabulary spells it; "" for an unknown letter."""
        letters: list[tuple[str, int, int]] = []
        for character, (start, end) in zip(text.text, text.spans, strict=True):
            spelling = self._spelled(character)
            if spelling is None or (spelling == " " and (not letters or letters[-1][0] == " ")):
                continue
            letters += [(letter, start, end) for letter in spelling or ("",)]
        if letters and letters[-1][0] == " ":
            letters.pop()
        return letters

    def _spelled(self, character: str) -> str | None:
        """The first spelling of a character that the vocabulary has; "" if it has none, None if it is dropped."""
        own = _own(character)
        if not own or own == " ":
            return own
        for spelling in (own, *spellings(character)):
            if all(letter in self.codes for letter in spelling):
                return spelling
        return None if unicodedata.category(character)[0] == "M" or character == "." else ""

    def _rows_of_letters(self, text: Text) -> tuple[Token, ...]:
        parts = self.tokens(text)
        letters = ["^", "^", *(part.text for part in parts), "$"]
        known = [True, True, *(part.known for part in parts), True]
        return tuple(
            Token("".join(letters[i + 2 - b : i + 3 + a]), part.start, part.end, all(known[i + 2 - b : i + 3 + a]))
            for i, part in enumerate(parts)
            for b, a in WINDOWS
        )


def crc32(letters: Sequence[np.ndarray], encoded: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The CRC-32 (as in zlib) of the bytes of the letters at each position, int64.

    letters: codes, arrays of one shape. encoded, sizes: the bytes of each code and their number.
    """
    crc = np.full(letters[0].shape, 0xFFFFFFFF, np.uint32)
    for letter in letters:
        for i in range(encoded.shape[1]):
            longer = _TABLE[(crc ^ encoded[letter, i]) & 0xFF] ^ (crc >> np.uint32(8))
            crc = np.where(i < sizes[letter], longer, crc) if i else longer
    return (crc ^ np.uint32(0xFFFFFFFF)).astype(np.int64)


def _table() -> np.ndarray:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, np.uint32(0xEDB88320) ^ (table >> np.uint32(1)), table >> np.uint32(1))
    return table


_TABLE = _table()


def _own(character: str) -> str | None:
    """The letter that stands for a character in a vocabulary of every script: None for one that is dropped."""
    category = unicodedata.category(character)
    if category[0] == "Z":
        return " "
    if category in ("Cf", "Pd") or is_accent(character):
        return None
    if character == "`":
        return "'"
    own = spellings(character)[0]
    return own if len(own) == 1 else character
