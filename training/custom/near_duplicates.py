"""Near duplicates among a user's own examples; they stay on the same side of a split."""

import numpy as np
from PIL import Image

from models.inputs.picture import open_image
from training.custom.item import Item
from training.data.near_duplicates import INK, PICTURE, linked, thumbnail

THRESHOLDS = {"ink": INK, "picture": PICTURE}


def groups(items: list[Item], kind: str) -> np.ndarray:
    """The group of each item, int (N,); near duplicates, and items linked by a chain of them, share a group.

    items: all of one label. Texts share a group if they differ only in case and spaces. If almost all drawings of a
    label are near duplicates, as drawings of a plain line are, only identical files share a group.
    """
    _, identical = np.unique([item.content for item in items], return_inverse=True)
    if kind == "text":
        return identical
    near = linked(np.stack([_thumbnail(item) for item in items]), identical, THRESHOLDS[kind])
    return identical if kind == "ink" and len(np.unique(near)) < 3 else near


def _thumbnail(item: Item) -> np.ndarray:
    """The thumbnail of an image file, with transparent pixels on white."""
    image = open_image(item.raw)[0].convert("RGBA")
    return thumbnail(Image.alpha_composite(Image.new("RGBA", image.size, "white"), image))
