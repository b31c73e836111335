"""What all text processors share: a text is a sequence of parts (letters or words) with one code each.

Arrays, N texts of at most T parts:
    x        int64 (N, T): 0 is padding, UNKNOWN a part that is not in the vocabulary, then the vocabulary in its order
    lengths  int64 (N,)
    ngrams   int64 (N, T, K), if the processor has `buckets`: the hashed n-grams around each position, 0 for none
"""

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Self

import numpy as np

from models.evidence import Spans
from models.inputs import text as texts
from models.inputs.text import Text
from models.processors.base import UNKNOWN, TextStage, Token

# The highest limit that is fitted to training texts. Explaining an answer to a text of 100, 250 or 500 letters takes
# names-gru 1, 5 or 24 s on two busy cores, with the square of the length; training takes as long per letter.
MAX_FITTED_LIMIT = 500
MAX_LIMIT = 1_000  # parts of a text that are read; the memory of `occlusions` and `prefixes` grows with its square


class TextProcessor(ABC):
    """The base class of text processors.

    A subclass defines the parts of a text, its vocabulary, and how n-grams are hashed.
    """

    kind = "text"
    buckets: int
    limit: int  # parts of a text that are read
    shortest: int = 1  # parts of the shortest training text
    noun: str  # the parts in the plural, such as words

    @abstractmethod
    def tokens(self, text: Text) -> tuple[Token, ...]:
        """The parts of a text as the net reads them, at least one and at most the processor's limit."""

    @abstractmethod
    def length(self, text: Text) -> int:
        """The number of parts of a text, whatever the limit."""

    @abstractmethod
    def known(self) -> Sequence[str]:
        """The vocabulary in its order."""

    @abstractmethod
    def fit(self, raws: Iterable[Any], more: Iterable[str] = ()) -> Self:
        """This processor with the vocabulary of these texts."""

    @abstractmethod
    def sizes(self) -> dict[str, int]:
        """The arguments of a net that reads these arrays: the numbers of tokens and of buckets."""

    @abstractmethod
    def notes(self, text: Text) -> tuple[str, ...]:
        """Remarks on this input for the user, one sentence each; usually none."""

    @abstractmethod
    def stages(self, text: Text) -> list[TextStage]:
        """The steps from the text to the net's input."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """The content of `processor.json`."""

    @abstractmethod
    def ngrams(self, x: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """The hashed n-grams (N, T, K) of x (N, T); called only if `buckets` is not 0."""

    def read(self, raw: Any) -> Text:
        """The canonical input; see `models.inputs.text.read`."""
        return texts.read(raw)

    def process(self, text: Text) -> dict[str, np.ndarray]:
        """`{"x": (T,), "lengths": (), "ngrams": (T, K)}` of one text."""
        return {name: array[0] for name, array in self.process_batch([text]).items()}

    def process_batch(self, inputs: Sequence[Text]) -> dict[str, np.ndarray]:
        """The arrays of many texts, padded to the longest; equal to those of `process`."""
        codes = [[self.codes.get(part.text, UNKNOWN) for part in self.tokens(text)] for text in inputs]
        lengths = np.array([len(row) for row in codes], np.int64)
        x = np.zeros((len(codes), int(lengths.max(initial=1))), np.int64)
        x[np.arange(x.shape[1]) < lengths[:, None]] = [code for row in codes for code in row]
        return self.arrays(x, lengths)

    def collate(self, items: Sequence[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """Join results of `process` into one batch."""
        lengths = np.array([item["lengths"] for item in items], np.int64)
        x = np.zeros((len(items), int(lengths.max(initial=1))), np.int64)
        for row, item in zip(x, items, strict=True):
            row[: len(item["x"])] = item["x"]
        return self.arrays(x, lengths)

    def places(self, text: Text) -> Spans:
        """The position of each part in the text as typed."""
        return Spans(tuple((part.start, part.end) for part in self.tokens(text)))

    def occlusions(self, arrays: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Copies of one processed text, each with one part replaced by the unknown token, and the parts' indices."""
        length = int(arrays["lengths"])
        spots = np.arange(length)
        x = np.tile(arrays["x"], (length, 1))
        x[spots, spots] = UNKNOWN
        return self.arrays(x, np.full(length, length, np.int64)), spots

    def prefixes(self, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """All prefixes of one processed text as a batch: its first part, its first two parts, ... the whole text."""
        lengths = np.arange(1, int(arrays["lengths"]) + 1)
        x = np.where(np.arange(len(arrays["x"])) < lengths[:, None], arrays["x"], 0)
        return self.arrays(x, lengths)

    def is_cut(self, text: Text) -> bool:
        """Whether a text has more parts than are read."""
        return self.length(text) > self.limit or bool(text.notes)

    def nothing_known(self, arrays: dict[str, np.ndarray]) -> np.ndarray:
        """Whether each processed text of a batch is too short or has no known letter or word, bool (N,).

        Too short: with fewer parts than any training text. Spaces and signs do not count, unless the text consists of
        known ones only.
        """
        x = arrays["x"]
        unknown, content = (x == UNKNOWN).any(axis=1), self._is_content[x].any(axis=1)
        return (arrays["lengths"] < self.shortest) | (unknown & ~content)

    def unknown(self, text: Text, longest: int) -> tuple[str, ...]:
        """A sentence on the parts that are not in the vocabulary, each cut to `longest` characters.

        None if all are in it.
        """
        parts = self.tokens(text)
        strange = [text.typed[part.start : part.end] for part in parts if not part.known]
        if not strange:
            return ()
        listed = " ".join(dict.fromkeys(token[:longest] for token in strange[:8]))
        subject = f"{len(strange)} of {len(parts)} {self.noun}" if len(parts) > 1 else f"This {self.noun[:-1]}"
        return (f"{subject} {'is' if len(strange) == 1 else 'are'} unknown to this model ({listed}).",)

    @cached_property
    def codes(self) -> dict[str, int]:
        """The code of each part in the vocabulary."""
        return {part: code for code, part in enumerate(self.known(), start=UNKNOWN + 1)}

    @cached_property
    def _is_content(self) -> np.ndarray:
        """Whether the part with each code is more than a space or sign, bool (codes,)."""
        return np.array([False, False, *map(_has_content, self.known())])

    def arrays(self, x: np.ndarray, lengths: np.ndarray) -> dict[str, np.ndarray]:
        """A batch from codes (N, T) and lengths (N,), with n-grams if they are hashed."""
        return {"x": x, "lengths": lengths, **({"ngrams": self.ngrams(x, lengths)} if self.buckets else {})}


def _has_content(part: str) -> bool:
    """Whether a part has a letter, a digit or a symbol such as an emoji."""
    return any(c.isalnum() or (not c.isascii() and unicodedata.category(c)[0] == "S") for c in part)
