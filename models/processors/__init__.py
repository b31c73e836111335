"""Processors: the only way from a canonical input to a net's arrays, in training, serving, tests and browser."""

from typing import Any

from models.errors import ZooError
from models.processors.base import Processor


def from_dict(values: dict[str, Any]) -> Processor:
    """The processor with these settings, as `to_dict` returns them. Raises ZooError for an unknown name."""
    plain = dict(values)
    name = plain.pop("name", None)
    if name == "ink":
        # Only the processor in use is imported, which keeps the first prediction fast.
        from models.processors.ink import Ink

        return Ink(**plain)
    if name == "characters":
        from models.processors.characters import Characters

        return Characters(**plain)
    if name == "photo":
        from models.processors.photo import Photo

        return Photo(**plain)
    if name == "words":
        from models.processors.words import Words

        return Words(**plain)
    if name == "garment":
        from models.processors.garment import Garment

        return Garment(**plain)
    if name == "table":
        from models.processors.table import Table

        return Table(**plain)
    raise ZooError(f"The processor {name!r:.60} is unknown; expected ink, photo, garment, characters, words or table.")
