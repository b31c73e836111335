"""What each layer of a small convolutional net made of the input: a layer's maps side by side in one small picture, larger at a click."""

import math
from collections.abc import Sequence
from html import escape

import numpy as np
import streamlit as st

from app.hub.markup import png
from app.hub.say import aside

GAP = 1  # pixels between two maps
LINE = 176  # the grey of the gaps
SHAPE = 2.5  # width over height of a mosaic, about


def layers(maps: Sequence[np.ndarray]) -> None:
    """The layers in their order; maps: float32 (channels, rows, columns) each."""
    figures = "".join(_figure(number, one) for number, one in enumerate(maps, 1))
    st.html(f'<div class="zoo-layers">{figures}</div>')
    aside(
        "Each small square is the output of one filter of the layer: the darker, the stronger its response at that place of the "
        "drawing. Click a layer to enlarge it."
    )


def mosaic(maps: np.ndarray) -> np.ndarray:
    """The maps (channels, rows, columns) in a grid, uint8: white is nothing, black the layer's strongest."""
    channels, rows, columns = maps.shape
    even = [n for n in range(1, channels + 1) if channels % n == 0]
    across = min(even, key=lambda n: abs(math.log(n * n * columns / (channels * rows * SHAPE))))
    down = channels // across
    grid = np.full((down * (rows + GAP) + GAP, across * (columns + GAP) + GAP), LINE, np.uint8)
    strongest = float(maps.max(initial=0)) or 1.0
    for i, one in enumerate(maps):
        top, left = (i // across) * (rows + GAP) + GAP, (i % across) * (columns + GAP) + GAP
        grid[top : top + rows, left : left + columns] = np.round(255 * (1 - np.clip(one / strongest, 0, 1)))
    return grid


def _figure(number: int, maps: np.ndarray) -> str:
    channels, rows, columns = maps.shape
    silent = sum(not one.any() for one in maps)
    said = f"{channels} maps of {columns} by {rows}" + (f", {silent} blank" if silent else "")
    alt = escape(f"Layer {number}: {said}", quote=True)
    return f'<details><summary><img src="{png(mosaic(maps))}" alt="{alt}"><b>Layer {number}</b> <span>{said}</span></summary></details>'
