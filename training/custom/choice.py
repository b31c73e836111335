"""Chooses the entry to train on a user's own examples by their kind and number.

`benchmarks/own_models.py` measures the entries on small draws; docs/own-models.md has the table.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from models import csv_table, text_file
from models.errors import BadInput, ZooError
from models.inputs.picture import open_image
from training.custom import folder, rows, table
from training.custom.item import Item

LOOKED_AT = 40  # images, spread over the folder
PAPER = 0.6  # share of the pixels that are as light as the border in a drawing
SAME_GREY = 30  # grey values by which paper may vary
COLOURFUL = 12  # mean difference between the strongest and the weakest colour, above which a picture is a photo
SIDE = 64  # pixels, of the thumbnails that are looked at
WORDS = 4  # mean number of words from which texts are read word by word
ROWS = 30  # rows of each label, on average, from which trees are more accurate than a hidden layer


def chosen_entry(path: Path, columns: Mapping[str, str | None]) -> tuple[str, str]:
    """The slug of the entry for the examples at `path`, and a sentence on why.

    columns: the headings chosen for a CSV. Raises ZooError if there are no examples.
    """
    path = path.expanduser().absolute()
    if not path.exists():
        what = "file" if path.suffix else "folder"
        raise ZooError(
            f"There is no such {what}: {path}; pass a folder with one folder of images per label, or a CSV file."
        )
    if path.is_dir():
        items = folder.items_in(path)[0]
        entry, kind = ("letters-transfer", "drawings") if are_drawings(items) else ("holidays-efficientnet", "photos")
        return entry, f"{len(items):,} {kind}"
    if columns.get("text") is None and not has_texts(path):
        return _entry_of_rows(rows.items_in(path, columns)[0])
    items = table.items_in(path, columns)[0]
    words = np.mean([len(str(item.raw).split()) for item in items]) if items else 0
    if words < WORDS:
        hint = "for names of people, names-gru is more accurate, but takes longer"
        return "names-ngrams", f"{len(items):,} short texts ({hint})"
    hint = "for opinions, reviews-gru is more accurate, but takes longer"
    return "reviews-ngrams", f"{len(items):,} texts of {words:.0f} words on average ({hint})"


def _entry_of_rows(items: list[Item]) -> tuple[str, str]:
    """The entry for the rows of a table, and a sentence on why."""
    each = len(items) / max(1, len({item.label for item in items}))
    size = f"{len(items):,} rows, {each:,.0f} of each label on average"
    if each < ROWS:
        return "titanic-mlp", f"{size}: with fewer than {ROWS}, trees are less accurate"
    return "titanic-boosting", size


def has_texts(path: Path) -> bool:
    """Whether a file has a column named text, or cannot be a table."""
    table.check_file(path)
    with path.open("rb") as source:
        file = text_file.examined(source, path.name)
        return file.is_blank() or bool(csv_table.known_headings(file, ["text"]))


def are_drawings(items: list[Item]) -> bool:
    """Whether most of the readable images are drawings: ink on plain paper, without colours."""
    votes = []
    for item in items[:: max(1, len(items) // LOOKED_AT)]:
        try:
            image = open_image(item.raw)[0].convert("RGBA")
        except BadInput:
            continue
        image.thumbnail((SIDE, SIDE))
        pixels = np.asarray(image, np.float32)
        alpha = pixels[..., 3:] / 255
        rgb = pixels[..., :3] * alpha + 255 * (1 - alpha)  # transparent pixels are white
        grey = rgb.mean(axis=2)
        border = np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]]))
        paper = float((abs(grey - border) < SAME_GREY).mean())
        votes.append(paper > PAPER and float(np.ptp(rgb, axis=2).mean()) < COLOURFUL)
    return sum(votes) > len(votes) / 2
