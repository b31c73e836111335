"""Converts a text to one code per word, and to the hashed n-grams of one to three words that end at each word.

Texts are tokenised almost as in the Penn Treebank, the format of the Stanford Sentiment Treebank, and a tokenised text
stays as it is. Letters become lower case; "n't", "'s" and the like are tokens of their own ("do n't"), and so is every
sign, except for runs of dots ("...") and dashes ("--"). All kinds of double quotes become (") and "-LRB-" becomes "(".
A single quote before a word becomes (`) and one after a word ('), as in the treebank.
A word that is not in the vocabulary is looked up without its accents and marks, in its usual Latin spelling and, if it
has hyphens or slashes, piece by piece. What is still not found becomes the unknown token, so that texts in every script
get an answer, every word keeps its position, and the user learns how many were unknown.

Scripts without spaces between words (Chinese, Japanese, Thai, ...) are read character by character, if the training
texts are not all in the Latin alphabet.

Arrays: see `models.processors.tokens`. ngrams: int64 (N, T, 3), at each position t the words at t, t-1..t and t-2..t,
joined by spaces: CRC-32 of their UTF-8 bytes modulo (buckets - 1), plus 1; 0 if one of them is unknown or missing, and
in padding.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

import numpy as np

from models.inputs.folding import is_accent, is_unspaced, spellings
from models.inputs.text import Text, is_visible
from models.processors.base import UNKNOWN, TextStage, Token
from models.processors.tokens import MAX_FITTED_LIMIT, MAX_LIMIT, TextProcessor

WINDOWS = ((0, 0), (1, 0), (2, 0))  # words before and after the position, for each n-gram
LONGEST = 40  # letters of an unknown word that are shown
ALL_SCRIPTS = "all"
SAME = {"``": '"', "''": '"', "…": "...", "‹": "`", "›": "'"}
SAME |= dict.fromkeys("“”„‟«»″〝〞❝❞", '"') | dict.fromkeys("—–―⸺⸻﹘", "--")
SAME |= {"-lrb-": "(", "-rrb-": ")", "-lsb-": "[", "-rsb-": "]", "-lcb-": "{", "-rcb-": "}"}
UNSPACED, MARK = "\ue000", "\ue001"  # stand for a letter of a script without spaces, and a mark on it, in TOKEN
TOKEN = re.compile(
    r"""-(?:[lr][rsc]b)-
    | \.\.+ | --+ | \$\d+(?:[.,]\d+)* | ``|''
    | \ue000\ue001*
    | (?<!\w)'(?:\d\ds|s|re|ve|ll|d|m|t|em|n|til|tis|twas|cause|bout|round)(?!\w)  # 's, 're, 'em, '60s; not 'worst'
    | (?:[a-z]\.){2,}                                       # u.s., p.o.w.
    | (?:mr|mrs|ms|dr|st|jr|sr|vs)\.(?!\w|\.)
    | \d+(?:[.,:/]\d+)*(?:-?[^\W\d_]+(?:-[^\W_]+)*)?        # 1.2, 10:30, 30th, 90-minute
    | [^\W_]+(?:['&/.-][^\W_]+)*                            # words, with the signs that join their pieces
    | \S""",
    re.VERBOSE,
)
CLITIC = re.compile(r"(.+?)(n't|'(?:s|re|ve|ll|d|m))")
BACKTICK = re.compile(r"(?<=\w)`(?=\w)")  # for an apostrophe
OPENING = re.compile(r"""(?:^|[\s("[{-])['`](?=\S)(?!\d\d(?!\w))""")  # a quote before a word, not '53
PIECES = re.compile(r"[-/.&]+|[^-/.&]+")

Span = tuple[str, int, int]  # a token and its position in the canonical text


@dataclass(frozen=True)
class Words(TextProcessor):
    """The processor of sentences and short reviews.

    vocabulary: the known words, separated by spaces, the most frequent first. size: its maximum size. fewest: the
        number of texts a word must occur in to be part of it. buckets: of the hash table; 0 for no n-grams. limit:
        maximum words read. scripts: "latin", or "all" if the training texts have letters of another script, whose vowel
        signs are then letters, and whose characters are words if the script has no spaces; checkpoints made before that
        lack it.
    """

    vocabulary: str = ""
    size: int = 20_000
    fewest: int = 2
    buckets: int = 0
    limit: int = 128
    scripts: str = "latin"
    noun = "words"

    def __post_init__(self) -> None:
        words = self.vocabulary.split(" ") if self.vocabulary else []
        if len(set(words)) != len(words) or not all(words) or not 1 <= self.limit <= MAX_LIMIT:
            raise ValueError("the vocabulary must be distinct words separated by single spaces, the limit 1 to 1,000")
        if self.buckets == 1 or not 0 <= self.buckets <= 2**24:
            raise ValueError("buckets must be 0, or 2 to 2**24")
        if self.scripts not in ("latin", ALL_SCRIPTS):
            raise ValueError("scripts must be latin or all")

    def fit(self, raws: Iterable[Any], more: Iterable[str] = ()) -> "Words":
        """This processor with the vocabulary of these texts and, up to `size`, the words of `more` in order.

        The limit is raised to the number of words of the longest text, at most MAX_FITTED_LIMIT.
        """
        texts = [self.read(raw) for raw in raws]
        if any(map(_is_foreign, set().union(*(text.text for text in texts)))):
            self = replace(self, scripts=ALL_SCRIPTS)
        tokens = [[token for token, _, _ in self._tokens(text)] for text in texts]
        counts = Counter(word for row in tokens for word in set(row))
        limit = max(self.limit, min(max(map(len, tokens), default=0), MAX_FITTED_LIMIT))
        words = sorted((word for word, times in counts.items() if times >= self.fewest), key=lambda w: (-counts[w], w))
        words = list(dict.fromkeys([*words, *more]))[: self.size]
        return replace(self, vocabulary=" ".join(words), limit=limit)

    def sizes(self) -> dict[str, int]:
        """The arguments of a net that reads these arrays: the size of the vocabulary, and the buckets."""
        return {"words": len(self.codes) + 2, **({"buckets": self.buckets} if self.buckets else {})}

    def tokens(self, text: Text) -> tuple[Token, ...]:
        """The words of a text as the net reads them, at least one and at most `limit`."""
        parts = []
        for word, start, end in self._found(text)[: self.limit]:
            known = word in self.codes
            shown = word if known or len(word) <= LONGEST else f"{word[:LONGEST]}\N{HORIZONTAL ELLIPSIS}"
            parts.append(Token(shown, text.spans[start][0], text.spans[end - 1][1], known))
        return tuple(parts)

    def length(self, text: Text) -> int:
        """The number of words of a text, whatever the limit."""
        return len(self._found(text))

    def notes(self, text: Text) -> tuple[str, ...]:
        """Remarks on this input for the user, one sentence each; usually none."""
        whole = self.length(text)
        cut = (f"Only the first {self.limit} of {whole:,} words were used.",) if whole > self.limit else ()
        return (*text.notes, *cut, *self.unknown(text, LONGEST))

    def stages(self, text: Text) -> list[TextStage]:
        """The steps from the text to the net's input."""
        parts = self.tokens(text)
        typed = tuple(replace(part, text=text.typed[part.start : part.end][:LONGEST], known=True) for part in parts)
        sentence = (
            "Lower case, with punctuation and endings split off. Words that the net does not know are marked; it "
            "treats them all alike."
        )
        stages = [TextStage("Your words", "As typed.", typed), TextStage("What the net reads", sentence, parts)]
        if self.buckets:
            stages.append(
                TextStage(
                    "Words in a row",
                    "The net looks at every single word and at every two and three words in a row.",
                    _rows(parts),
                )
            )
        return stages

    def to_dict(self) -> dict[str, Any]:
        """The content of `processor.json`."""
        numbers = {"size": self.size, "fewest": self.fewest, "buckets": self.buckets, "limit": self.limit}
        scripts = {"scripts": self.scripts} if self.scripts == ALL_SCRIPTS else {}
        return {"name": "words", "vocabulary": self.vocabulary, **numbers, **scripts}

    def known(self) -> list[str]:
        """The vocabulary in its order."""
        return self.vocabulary.split()

    def ngrams(self, x: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """The hashed n-grams (N, T, 3) of words x (N, T)."""
        words = ["", "", *self.known()]
        inside = (x > UNKNOWN) & (np.arange(x.shape[1]) < lengths[:, None])
        ngrams = np.zeros((*x.shape, len(WINDOWS)), np.int64)
        for n, (before, _) in enumerate(WINDOWS):
            if before >= x.shape[1]:
                break
            fine = np.logical_and.reduce([inside[:, i : inside.shape[1] - before + i] for i in range(before + 1)])
            rows, places = np.nonzero(fine)
            codes = np.stack([x[rows, places + i] for i in range(before + 1)], axis=1)  # (M, before + 1)
            different, where = np.unique(codes, axis=0, return_inverse=True)
            hashed = [crc32(" ".join(words[code] for code in row).encode()) for row in different.tolist()]
            ngrams[rows, places + before, n] = np.array(hashed, np.int64)[where] % (self.buckets - 1) + 1
        return ngrams

    def _found(self, text: Text) -> list[Span]:
        """The tokens; an unknown one is replaced by another spelling of it, or by its pieces, if those are known."""
        tokens = []
        for token, start, end in self._tokens(text):
            plain = token if token in self.codes else self._respelled(token)
            pieces = [(piece[0], start + piece.start(), start + piece.end()) for piece in PIECES.finditer(token)]
            if plain in self.codes:
                tokens.append((plain, start, end))
            elif (
                len(pieces) > 2 and len(token) == end - start and any(word in self.codes for word, _, _ in pieces[::2])
            ):
                tokens += pieces
            else:
                tokens.append((token, start, end))
        return tokens

    def _respelled(self, token: str) -> str:
        """The first known spelling of a token without accents, without any marks, or in Latin letters; or itself."""
        if token.isascii():
            return token
        apart = unicodedata.normalize("NFD", token)
        bare = "".join(c for c in apart if not is_accent(c)), "".join(c for c in apart if not _is_mark(c))
        composed = [unicodedata.normalize("NFC", spelling) for spelling in bare]
        spelled = (*composed, "".join(spellings(c)[-1] if spellings(c) else "" for c in token))
        return next((spelling for spelling in spelled if spelling in self.codes), token)

    def _tokens(self, text: Text) -> list[Span]:
        """The words and signs of a text, in lower case."""
        lower = text.text.lower()
        if len(lower) != len(text.text):  # keep the positions
            lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in text.text)
        lower = BACKTICK.sub("'", lower)
        opening = {match.end() - 1 for match in OPENING.finditer(lower)}
        shape = lower if lower.isascii() else self._shape(lower)
        if self.scripts != ALL_SCRIPTS:
            lower = shape
        tokens: list[Span] = []
        for match in TOKEN.finditer(shape):
            start, end = match.span()
            clitic = CLITIC.fullmatch(match[0])
            for first, last in (
                ((start, start + clitic.end(1)), (start + clitic.end(1), end)) if clitic else ((start, end),)
            ):
                if any(map(is_visible, text.text[first:last])):
                    tokens.append((_written(lower, first, last, first in opening), first, last))
        return tokens

    def _shape(self, lower: str) -> str:
        """A text in which TOKEN finds words of every script: marks become letters, unspaced letters UNSPACED."""
        shape: list[str] = []
        for character in lower:
            if self.scripts == ALL_SCRIPTS and is_unspaced(character) and not _is_mark(character):
                shape.append(UNSPACED)
            elif _is_mark(character):
                shape.append(MARK if shape and shape[-1] in (UNSPACED, MARK) else "x")
            else:
                shape.append(character)
        return "".join(shape)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"


def _is_foreign(character: str) -> bool:
    """Whether a character is a letter that has no spelling from a to z."""
    return character.isalpha() and not spellings(character)[-1].isascii()


def _written(text: str, start: int, end: int, opening: bool) -> str:
    """The common form of the token text[start:end], which may have several."""
    token = text[start:end]
    if token in ("'", "`") and opening:
        return "`"
    if token == "`" and start and not text[start - 1].isspace():  # after a word
        return "'"
    if token.startswith((".", "-")) and len(set(token)) == 1 and len(token) > 1:
        return "..." if token[0] == "." else "--"
    return SAME.get(token, token)


def _rows(parts: tuple[Token, ...]) -> tuple[Token, ...]:
    return tuple(
        Token(
            " ".join(part.text for part in row),
            row[0].start,
            row[-1].end,
            all(part.known for part in row),
        )
        for i in range(len(parts))
        for before, _ in WINDOWS
        if i >= before and (row := parts[i - before : i + 1])
    )
