"""Near duplicates: pictures that show the same thing, saved again, smaller, or taken a moment later.

A picture's print is its 16x16 grey thumbnail; two pictures are alike where the thumbnails correlate above ALIKE. Of 300
UNIPEN drawings of a letter that is no plain line up to 1% have another writer's above 0.985, copies at a third of the
size as JPEG of quality 60 lie above 0.992; of 401 photos of seven places the nearest two are at 0.927, copies above
0.993.
"""

import numpy as np
from PIL import Image
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from models.inputs.picture import open_image
from training.custom.item import Item

SIDE = 16  # pixels
ALIKE = {"ink": 0.985, "picture": 0.94}
BLOCK = 500  # pictures compared with all others at a time


def groups(items: list[Item], kind: str) -> np.ndarray:
    """A number for each of some items of one label, (N,).

    Near duplicates share one, as do those linked by a chain of them.

    Texts are alike where they are the same but for capitals and blanks. Where almost all drawings of a label are alike,
    as those of a plain line are, only the same files are.
    """
    _, same = np.unique([item.content for item in items], return_inverse=True)
    if kind == "text":
        return same
    near = _linked(np.stack([_print(item) for item in items]), same, ALIKE[kind])
    return same if kind == "ink" and len(np.unique(near)) < 3 else near


def _print(item: Item) -> np.ndarray:
    """The thumbnail as a vector of length 1 about its mean, float32 (SIDE * SIDE,); zero for a picture of one grey."""
    image = open_image(item.raw)[0].convert("RGBA")
    on_white = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("L")
    grey = np.asarray(on_white.resize((SIDE, SIDE), Image.Resampling.BOX), np.float32).ravel()
    grey -= grey.mean()
    length = float(np.linalg.norm(grey))
    return grey / length if length > 1 else np.zeros_like(grey)


def _linked(prints: np.ndarray, same: np.ndarray, alike: float) -> np.ndarray:
    """The connected parts of the graph whose edges are pairs alike or the same, (N,).

    Pairs already linked are left out, or thousands of pictures that are all alike would give as many edges squared.
    """
    group = same
    for start in range(0, len(prints), BLOCK):
        rows = slice(start, start + BLOCK)
        row, column = np.nonzero((prints[rows] @ prints.T > alike) & (group[rows, None] != group))
        edges = group[rows][row], group[column]
        graph = coo_array((np.ones(len(row), bool), edges), shape=(len(prints), len(prints)))
        group = connected_components(graph, directed=False)[1][group]
    return group
