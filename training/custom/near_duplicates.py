"""Near duplicates among a user's own examples: they are never divided between training, validation and test set."""

import numpy as np
from PIL import Image

from models.inputs.picture import open_image
from training.custom.item import Item
from training.data.near_duplicates import INK, PICTURE, linked, thumbnail

THRESHOLDS = {"ink": INK, "picture": PICTURE}


def groups(items: list[Item], kind: str) -> np.ndarray:
    """A group for each of some items of one label, (N,): near duplicates share one, and so do those linked by a chain of them.

    Texts share one where they are the same but for capitals and spaces. Where almost all drawings of a label are near duplicates,
    as those of a plain line are, only identical files share one.
    """
    _, same = np.unique([item.content for item in items], return_inverse=True)
    if kind == "text":
        return same
    near = linked(np.stack([_thumbnail(item) for item in items]), same, THRESHOLDS[kind])
    return same if kind == "ink" and len(np.unique(near)) < 3 else near


def _thumbnail(item: Item) -> np.ndarray:
    """The thumbnail of an image file, what is transparent on white."""
    image = open_image(item.raw)[0].convert("RGBA")
    return thumbnail(Image.alpha_composite(Image.new("RGBA", image.size, "white"), image))
