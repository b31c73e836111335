"""The activations of a small convolutional net.

The maps of each layer side by side in one small picture, enlarged by a click.
"""

import math
from collections.abc import Sequence

import numpy as np
import streamlit as st

from app.hub.markup import escape, png
from app.hub.text_blocks import caption

GAP = 1  # pixels between two maps
GREY = 176  # of the gaps
ASPECT = 2.5  # approximate width over height of a mosaic


def layers(maps: Sequence[np.ndarray]) -> None:
    """Draw the layers in their order. maps: one float32 (channels, rows, columns) per layer."""
    figures = "".join(_figure(number, layer) for number, layer in enumerate(maps, 1))
    st.html(f'<div class="zoo-layers">{figures}</div>')
    caption(
        "Each small square is the output of one filter of the layer; darker means a stronger response at that "
        "place of the "
        "drawing. Click a layer to enlarge it."
    )


def mosaic(maps: np.ndarray) -> np.ndarray:
    """The maps (channels, rows, columns) in a grid, uint8: white is zero, black the layer's maximum."""
    channels, rows, columns = maps.shape
    divisors = [n for n in range(1, channels + 1) if channels % n == 0]
    across = min(divisors, key=lambda n: abs(math.log(n * n * columns / (channels * rows * ASPECT))))
    down = channels // across
    grid = np.full((down * (rows + GAP) + GAP, across * (columns + GAP) + GAP), GREY, np.uint8)
    strongest = float(maps.max(initial=0)) or 1.0
    for i, channel in enumerate(maps):
        top, left = (i // across) * (rows + GAP) + GAP, (i % across) * (columns + GAP) + GAP
        grid[top : top + rows, left : left + columns] = np.round(255 * (1 - np.clip(channel / strongest, 0, 1)))
    return grid


def _figure(number: int, maps: np.ndarray) -> str:
    channels, rows, columns = maps.shape
    blank = sum(not channel.any() for channel in maps)
    description = f"{channels} maps of {columns} by {rows}" + (f", {blank} blank" if blank else "")
    alt = escape(f"Layer {number}: {description}", quote=True)
    return (
        f'<details><summary><img src="{png(mosaic(maps))}" alt="{alt}"><b>Layer {number}</b> '
        f"<span>{description}</span></summary></details>"
    )
