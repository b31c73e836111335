"""Near duplicates: pictures that show the same thing, saved again, smaller, or taken a moment later.

Two pictures are near duplicates where their 16x16 grey thumbnails correlate above a threshold. The thresholds:

    INK 0.985      of 300 UNIPEN drawings of a letter that is not a plain line up to 1% correlate above it with another writer's;
                   copies at a third of the size as JPEG of quality 60 correlate above 0.992
    PICTURE 0.94   of 401 photos of seven places the nearest two correlate at 0.927, copies above 0.993
    PLACE 0.9      photos of one place that must not be divided between training and validation set; below it, as many pairs show
                   two places
"""

import numpy as np
from PIL import Image
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

INK, PICTURE, PLACE = 0.985, 0.94, 0.9
SIDE = 16  # pixels of a thumbnail
FLAT = 1.0  # length of the grey values about their mean below which a picture is of one grey and resembles nothing
BLOCK = 500  # pictures compared with all others at a time


def thumbnail(picture: Image.Image) -> np.ndarray:
    """The grey thumbnail as a vector of length 1 about its mean, float32 (SIDE * SIDE,); zeros for a picture of one grey."""
    grey = np.asarray(picture.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX), np.float32).ravel()
    grey = grey - grey.mean()
    length = float(np.linalg.norm(grey))
    return grey / length if length > FLAT else np.zeros_like(grey)


def mirrored(thumbnails: np.ndarray) -> np.ndarray:
    """The thumbnails (N, SIDE * SIDE) of the mirrored pictures."""
    return thumbnails.reshape(-1, SIDE, SIDE)[:, :, ::-1].reshape(len(thumbnails), -1)


def linked(thumbnails: np.ndarray, same: np.ndarray, threshold: float, mirror: bool = False) -> np.ndarray:
    """A group for each picture, int (N,): near duplicates share one, and so do pictures linked by a chain of them.

    thumbnails: float32 (N, SIDE * SIDE). same: (N,), groups that are the same to begin with. mirror: whether the mirror image of
    a picture counts as one as well. Pairs already linked are left out, or thousands of pictures that all resemble each other
    would give as many edges squared.
    """
    group = same
    others = mirrored(thumbnails) if mirror else None
    for start in range(0, len(thumbnails), BLOCK):
        rows = slice(start, start + BLOCK)
        correlation = thumbnails[rows] @ thumbnails.T
        if others is not None:
            correlation = np.maximum(correlation, thumbnails[rows] @ others.T)
        row, column = np.nonzero((correlation > threshold) & (group[rows, None] != group))
        edges = group[rows][row], group[column]
        graph = coo_array((np.ones(len(row), bool), edges), shape=(len(thumbnails), len(thumbnails)))
        group = connected_components(graph, directed=False)[1][group]
    return group
