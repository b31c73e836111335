"""Removes parts of processed inputs for the attribution check: pixels of ink or garments, tokens of texts, fields."""

import numpy as np

from models.errors import ZooError
from models.processors.base import UNKNOWN, Arrays, Processor
from models.processors.garment import Garment
from models.processors.ink import Ink
from models.processors.table import Table
from models.processors.tokens import TextProcessor
from models.processors.words import Words

INKED = 0.1  # a pixel with more ink than this counts as drawn


def removable(processor: Processor, arrays: Arrays) -> np.ndarray:
    """The indices of the parts of one processed input that can be removed, int64 (K,): flat pixels, or tokens.

    Raises ZooError for photos, which have no parts to remove; their nets compute evidence themselves.
    """
    if isinstance(processor, Ink | Garment):
        return np.flatnonzero(arrays["x"][0] > INKED)
    if isinstance(processor, TextProcessor):
        return np.arange(int(arrays["lengths"]))
    if isinstance(processor, Table):
        return np.arange(len(processor.columns))
    raise ZooError("The attribution check covers drawings, clothes, texts and fields; photos have no parts to remove.")


def remove(processor: Processor, arrays: Arrays, places: np.ndarray) -> Arrays:
    """A copy of one processed input with these parts removed: pixels become ground, tokens the unknown mark."""
    x = arrays["x"].copy()
    if isinstance(processor, Table):
        return processor.without(arrays, places)
    if not isinstance(processor, TextProcessor):
        x.reshape(-1)[places] = 0
        return {"x": x}
    x[places] = UNKNOWN
    return {name: array[0] for name, array in processor.arrays(x[None], arrays["lengths"][None]).items()}


def baseline_order(processor: Processor, arrays: Arrays) -> np.ndarray:
    """The removable parts in a simple order that needs no net.

    The darkest ink, the lightest cloth, the rarest words or the last letters come first.
    """
    places = removable(processor, arrays)
    if isinstance(processor, Table):
        typical = processor.without(arrays, places)["x"]
        far = [np.abs(arrays["x"] - typical)[part].max() for part in processor.parts]
        return np.argsort(-np.array(far), kind="stable")
    if isinstance(processor, Words):
        x = arrays["x"][places]
        rarity = np.where(x == UNKNOWN, len(processor.codes) + 2, x)  # the vocabulary is in order of frequency
        return np.argsort(-rarity, kind="stable")
    if isinstance(processor, TextProcessor):
        return places[::-1]
    return places[np.argsort(-arrays["x"].reshape(-1)[places], kind="stable")]


def unit_name(processor: Processor) -> str | None:
    """The parts that are removed, as shown in reports; None for inked pixels."""
    if isinstance(processor, TextProcessor):
        return processor.noun
    return {Table: "fields", Garment: "pixels of the garment"}.get(type(processor))


def baseline_name(processor: Processor) -> str | None:
    """What `baseline_order` removes first, as shown in reports; None for the darkest ink."""
    if isinstance(processor, TextProcessor):
        return "the rarest words" if isinstance(processor, Words) else "the last letters"
    return {Table: "the most unusual values", Garment: "the lightest pixels"}.get(type(processor))
