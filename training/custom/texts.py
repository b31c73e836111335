"""What a model cannot learn from a user's own texts, said before training."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress

import numpy as np

from models.errors import BadInput, ZooError
from models.inputs.text import Text
from models.processors.base import UNKNOWN
from models.processors.tokens import TextProcessor
from training.custom.item import Item

LISTED = 2  # examples named in a message
MOST = 0.5  # of the texts; if more of them cannot be learned, training is refused
CHUNK = 256  # texts processed at a time


def fitted(items: Sequence[Item], processor: TextProcessor) -> TextProcessor:
    """The processor fitted to all readable texts; the one that a model is trained with is fitted to fewer."""
    texts: list[Text] = []
    for item in items:
        with suppress(BadInput):
            texts.append(processor.read(item.raw))
    return processor.fit(texts)


def warnings(items: Sequence[Item], processor: TextProcessor) -> tuple[str, ...]:
    """A sentence on texts that are cut, that look the same with different labels, or that consist of unknown words.

    items: readable. processor: fitted to them. Raises ZooError if most of the texts cannot be learned.
    """
    texts = [processor.read(item.raw) for item in items]
    noun, limit, warned = processor.noun, processor.limit, []
    cut = [item for item, text in zip(items, texts, strict=True) if processor.is_cut(text)]
    if cut:
        warned.append(
            f"{_count(cut, items)} longer than {limit:,} {noun}, the most that this model reads: only the first "
            f"{limit:,} of each count ({_names(cut)})."
        )
    codes = _codes(texts, processor)
    alike = _alike(items, codes)
    if alike:
        sentence = (
            f"{_count(alike, items)} the same to this model as a text with another label ({_names(alike)}): it "
            f"ignores {_unread(processor)}."
        )
        if len(alike) > MOST * len(items):
            raise ZooError(f"These labels cannot be learned. {sentence}")
        warned.append(sentence)
    empty = [item for item, row in zip(items, codes, strict=True) if max(row) <= UNKNOWN]
    if empty:
        sentence = (
            f"{_count(empty, items, 'have')} no {noun} that other texts have too ({_names(empty)}); the model learns "
            "nothing from them. A model that reads letters, such as names-ngrams, may learn more."
        )
        if len(empty) > MOST * len(items):
            raise ZooError(f"These texts cannot be learned. {sentence}")
        warned.append(sentence)
    return tuple(warned)


def _codes(texts: Sequence[Text], processor: TextProcessor) -> list[tuple[int, ...]]:
    """The codes of each text, without padding."""
    rows: list[tuple[int, ...]] = []
    for start in range(0, len(texts), CHUNK):
        arrays = processor.process_batch(texts[start : start + CHUNK])
        pairs = zip(arrays["x"], arrays["lengths"], strict=True)
        rows += [tuple(np.asarray(x[:length]).tolist()) for x, length in pairs]
    return rows


def _alike(items: Sequence[Item], codes: Sequence[tuple[int, ...]]) -> list[Item]:
    """The items whose codes an item with another label has too, unless they are all unknown."""
    by_codes: dict[tuple[int, ...], list[Item]] = defaultdict(list)
    for item, row in zip(items, codes, strict=True):
        if max(row) > UNKNOWN:
            by_codes[row].append(item)
    return [item for same in by_codes.values() if len({item.label for item in same}) > 1 for item in same]


def _count(some: Sequence[Item], items: Sequence[Item], verb: str = "are") -> str:
    singular = {"are": "is", "have": "has"}[verb]
    return f"{len(some):,} of {len(items):,} texts {singular if len(some) == 1 else verb}"


def _names(items: Sequence[Item]) -> str:
    names = ", ".join(item.name for item in items[:LISTED])
    return names if len(items) <= LISTED else f"{names}, ..."


def _unread(processor: TextProcessor) -> str:
    """What this processor does not read, for a warning."""
    if processor.noun == "characters":
        return f"capitals, dashes, rare accents and what follows the first {processor.limit:,} characters"
    return f"capitals, words that only one text has and what follows the first {processor.limit:,} words"
