"""One colour a model, the same in its column, its bars and its dot in every chart.

Every colour has 3:1 and more against both the light and the dark page; text is never set in them.
"""

import zlib
from collections.abc import Sequence

from models import catalog
from models.catalog import Model

PALETTE = ("#5b5bd6", "#0b8f6a", "#c2568a", "#a3722a", "#2b87b8", "#8f6bd1", "#6f8a1f", "#c75f4a", "#4f7f86", "#96708f")


def of_all(models: Sequence[Model]) -> dict[str, str]:
    """A colour for each model of any tasks: the one it has among the models of its own task, on that task's page."""
    tasks = dict.fromkeys(model.task.slug for model in models)
    return {id: colour for slug in tasks for id, colour in colours([one.id for one in catalog.models(slug)]).items()}


def colours(ids: Sequence[str]) -> dict[str, str]:
    """A colour for each id: its own by its name, or the next one where two would have the same."""
    taken: dict[str, str] = {}
    for name in sorted(ids):
        start = zlib.crc32(name.encode()) % len(PALETTE)
        ring = PALETTE[start:] + PALETTE[:start]
        taken[name] = next((colour for colour in ring if colour not in taken.values()), ring[0])
    return taken
