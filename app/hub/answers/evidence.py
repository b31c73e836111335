"""Evidence over the input itself: blue spoke for a label, orange against it; signs and words say the same."""

from typing import Any

import numpy as np

from models.evidence import Evidence
from models.inputs.ink import PAD

REGIONS = (("upper left", "top", "upper right"), ("left", "middle", "right"), ("lower left", "bottom", "lower right"))
LITTLE = 0.15  # of the strongest evidence; as in pad_shapes.js


def overlay(evidence: Evidence, label: str, picture: tuple[int, int] | None = None, called: str = "") -> dict[str, Any]:
    """What the pad lays over the drawing; `picture` is an uploaded one's (height, width), shown whole in the square; called: the label as people read it."""
    values, places = evidence.of(label), evidence.places
    scale, across, down = _fit(picture)
    strongest = float(np.abs(values).max()) or 1.0
    return {
        "label": called or label,
        "rows": places.rows,
        "columns": places.columns,
        "left": places.left * scale + across,
        "top": places.top * scale + down,
        "width": places.width * scale,
        "height": places.height * scale,
        "values": [round(float(value) / strongest, 2) for value in values.ravel()],
        "words": words(values, called or label),
    }


def words(values: np.ndarray, label: str) -> str:
    """The evidence in one or two sentences."""
    seen = LITTLE * float(np.abs(values).max())  # what is weaker is not to be seen on the pad, so it is not spoken of
    most, least = (_region(np.where(side > seen, side, 0)) for side in (values, -values))
    where = [f"strongest for it: {most}"] if most else []
    where += [f"strongest against it: {least}"] if least else []
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
    """How a picture lies in the pad's square: its scale, and how far from the left and the top."""
    if picture is None:
        return 1.0, 0.0, 0.0
    height, width = picture
    scale = PAD / max(height, width)
    return scale, (PAD - width * scale) / 2, (PAD - height * scale) / 2
