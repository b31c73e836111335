"""Texts that are copies of each other: they differ in case, spaces, punctuation and numbers, or in a word of many."""

import re
from collections import Counter

import numpy as np

TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\d_]+|\d+(?:[.,:/-]\d+)*")
NUMBER = "0"
MIN_REST = 2  # words beside the numbers of a text; with fewer, as in AB-12 or "flat 3", the number is what it says
MIN_WORDS = 8  # of texts that may differ in words
DIFFERENT = 1 / 8  # share of the words of the longer text that may be others
MOST_COMPARED = 100  # groups with the same rare word that a text is compared with


def text_groups(texts: list[str], same: np.ndarray) -> np.ndarray:
    """The group of each text, int (N,); copies, and texts linked by a chain of them, share a group.

    same: (N,), the initial groups. Pairs that differ in words are found by their rarest words, at least one of which
    they have in common (Bayardo et al., "Scaling Up All Pairs Similarity Search", WWW 2007).
    """
    tokens = [tokens_of(text) for text in texts]
    groups = _Groups(len(texts))
    first: dict[object, int] = {}
    for row, words in enumerate(tokens):
        groups.join(row, first.setdefault(int(same[row]), row))
        if _is_comparable(words):
            groups.join(row, first.setdefault(tuple(words), row))
    frequency = Counter(word for words in tokens for word in set(words))
    numbered = [_numbered(words) for words in tokens]
    members: dict[str, list[int]] = {}  # rare word -> texts that have it
    for row, words in enumerate(tokens):
        if len(words) < MIN_WORDS or not _is_comparable(words) or first[tuple(words)] != row:
            continue
        different = int(len(words) * DIFFERENT)
        for word in sorted(set(words), key=lambda word: (frequency[word], word))[: different + 1]:
            others = members.setdefault(word, [])
            for other in others[:MOST_COMPARED]:
                if groups.of(other) != groups.of(row) and _are_alike(numbered[row], numbered[other]):
                    groups.join(row, other)
            others.append(row)
    return np.unique([groups.of(row) for row in range(len(texts))], return_inverse=True)[1]


def tokens_of(text: str) -> list[str]:
    """The words of a text without regard to case, each number replaced by NUMBER."""
    return [NUMBER if token[0].isdigit() else token for token in TOKEN.findall(text.casefold())]


def _is_comparable(words: list[str]) -> bool:
    """Whether the text says something without its numbers."""
    return sum(word != NUMBER for word in words) >= MIN_REST


def _numbered(words: list[str]) -> frozenset[tuple[str, int]]:
    """The words, each with the number of times it occurred before, so that sets of them can be compared."""
    seen: Counter[str] = Counter()
    pairs = []
    for word in words:
        pairs.append((word, seen[word]))
        seen[word] += 1
    return frozenset(pairs)


def _are_alike(left: frozenset[tuple[str, int]], right: frozenset[tuple[str, int]]) -> bool:
    """Whether two texts have all but a few words in common."""
    longer = max(len(left), len(right))
    return longer - len(left & right) <= longer * DIFFERENT


class _Groups:
    """Disjoint sets of rows."""

    def __init__(self, count: int):
        self._parents = list(range(count))

    def of(self, row: int) -> int:
        """The representative of the group of a row."""
        while self._parents[row] != row:
            self._parents[row] = self._parents[self._parents[row]]
            row = self._parents[row]
        return row

    def join(self, left: int, right: int) -> None:
        """Make one group of two."""
        self._parents[self.of(left)] = self.of(right)
