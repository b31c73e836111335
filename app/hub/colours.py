"""One colour per model, the same in its column, its bars and its dot in every chart.

Each has a contrast of at least 3:1 on the light and the dark page; text is never set in these colours.
"""

import zlib
from collections.abc import Sequence

from models import catalog
from models.catalog import Model

PALETTE = ("#5b5bd6", "#0b8f6a", "#c2568a", "#a3722a", "#2b87b8", "#8f6bd1", "#6f8a1f", "#c75f4a", "#4f7f86", "#96708f")


def of_all(models: Sequence[Model]) -> dict[str, str]:
    """Model id -> its colour on the page of its task."""
    tasks = dict.fromkeys(model.task.slug for model in models)
    return {
        id: colour for slug in tasks for id, colour in colours([model.id for model in catalog.models(slug)]).items()
    }


def colours(ids: Sequence[str]) -> dict[str, str]:
    """Id -> colour, chosen by a hash of the id, or the next free one if another id has it."""
    taken: dict[str, str] = {}
    for name in sorted(ids):
        start = zlib.crc32(name.encode()) % len(PALETTE)
        ring = PALETTE[start:] + PALETTE[:start]
        taken[name] = next((colour for colour in ring if colour not in taken.values()), ring[0])
    return taken
