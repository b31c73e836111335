"""Finds near duplicates: pictures saved again, at another size, or taken a moment later.

Two pictures are near duplicates if the correlation of their 16x16 grey thumbnails is above a threshold:

    INK 0.985      of 300 UNIPEN drawings of a letter that is not a plain line, at most 1% exceed it with a drawing of
                   another writer; copies at a third of the size, as JPEG of quality 60, correlate above 0.992
    PICTURE 0.94   of 401 photos of seven places, the most similar two correlate at 0.927, copies above 0.993
    PLACE 0.9      photos of one place that must not be divided between training and validation set; below it, as many
                   pairs show different places
"""

import numpy as np
from PIL import Image
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

INK, PICTURE, PLACE = 0.985, 0.94, 0.9
SIDE = 16  # pixels, the side of a thumbnail
FLAT = 1.0  # pictures whose centred grey values have a smaller norm are uniform and match nothing
BLOCK = 500  # pictures compared with all others at once


def thumbnail(picture: Image.Image) -> np.ndarray:
    """The grey thumbnail, centred and normalised to length 1, float32 (SIDE * SIDE,); zeros for a uniform picture."""
    grey = np.asarray(picture.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX), np.float32).ravel()
    grey = grey - grey.mean()
    length = float(np.linalg.norm(grey))
    return grey / length if length > FLAT else np.zeros_like(grey)


def mirrored(thumbnails: np.ndarray) -> np.ndarray:
    """The thumbnails (N, SIDE * SIDE) of the mirrored pictures."""
    return thumbnails.reshape(-1, SIDE, SIDE)[:, :, ::-1].reshape(len(thumbnails), -1)


def linked(thumbnails: np.ndarray, same: np.ndarray, threshold: float, mirror: bool = False) -> np.ndarray:
    """The group of each picture, int (N,); near duplicates, and pictures linked by a chain of them, share a group.

    thumbnails: float32 (N, SIDE * SIDE). same: (N,), the initial groups. mirror: whether mirror images count as near
    duplicates too. Pairs that are already linked are skipped; otherwise, the number of edges would grow with the square
    of the number of similar pictures.
    """
    group = same
    mirror_images = mirrored(thumbnails) if mirror else None
    for start in range(0, len(thumbnails), BLOCK):
        rows = slice(start, start + BLOCK)
        correlation = thumbnails[rows] @ thumbnails.T
        if mirror_images is not None:
            correlation = np.maximum(correlation, thumbnails[rows] @ mirror_images.T)
        row, column = np.nonzero((correlation > threshold) & (group[rows, None] != group))
        edges = group[rows][row], group[column]
        graph = coo_array((np.ones(len(row), bool), edges), shape=(len(thumbnails), len(thumbnails)))
        group = connected_components(graph, directed=False)[1][group]
    return group
