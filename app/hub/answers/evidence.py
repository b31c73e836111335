"""Evidence on top of the input: blue for a label, orange against it, with signs and words that say the same."""

from typing import Any

import numpy as np

from app.hub.markup import shown
from models.evidence import Evidence
from models.inputs.strokes import PAD

REGIONS = (("upper left", "top", "upper right"), ("left", "middle", "right"), ("lower left", "bottom", "lower right"))
WEAK = 0.15  # of the strongest evidence, below which evidence is ignored; as in pad_shapes.js


def overlay(
    evidence: Evidence,
    label: str,
    picture: tuple[int, int] | None = None,
    display_name: str = "",
    strongest: float | None = None,
) -> dict[str, Any]:
    """What the pad draws over the input.

    picture: the (height, width) of an uploaded one, which is fitted into the square. strongest: the evidence drawn in
    full colour (default: the strongest of all parts).
    """
    values, places = evidence.of(label), evidence.places
    scale, left, top = _fit(picture)
    strongest = strongest or float(np.abs(values).max()) or 1.0
    values = np.clip(values, -strongest, strongest)
    return {
        "label": display_name or label,
        "rows": places.rows,
        "columns": places.columns,
        "left": places.left * scale + left,
        "top": places.top * scale + top,
        "width": places.width * scale,
        "height": places.height * scale,
        "values": [round(float(value) / strongest, 2) for value in values.ravel()],
        "words": describe(values, display_name or label, strongest),
    }


def describe(values: np.ndarray, label: str, strongest: float | None = None) -> str:
    """The evidence in one or two sentences. strongest: as in `overlay`."""
    label = shown(label)
    threshold = WEAK * (strongest or float(np.abs(values).max()))  # what is weaker is invisible on the pad
    supporting, opposing = (_region(np.where(side > threshold, side, 0)) for side in (values, -values))
    where = [f"strongest for it: {supporting}"] if supporting else []
    where += [f"strongest against it: {opposing}"] if opposing else []
    if not where:
        return f"No area is clear evidence for or against {label}."
    return f"{_legend(label)}; {', '.join(where)}."


def _legend(label: str) -> str:
    return f"Blue (+) is evidence for {label}, orange (\u2212) against it"


def _region(values: np.ndarray) -> str | None:
    if values.max() <= 0:
        return None
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    return REGIONS[3 * row // values.shape[0]][3 * column // values.shape[1]]


def _fit(picture: tuple[int, int] | None) -> tuple[float, float, float]:
    """How a picture is fitted into the pad's square: its scale, and its distance from the left and the top."""
    if picture is None:
        return 1.0, 0.0, 0.0
    height, width = picture
    scale = PAD / max(height, width)
    return scale, (PAD - width * scale) / 2, (PAD - height * scale) / 2
