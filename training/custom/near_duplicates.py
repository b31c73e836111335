"""Copies among a user's own examples; they stay on the same side of a split.

A copy may be mirrored, turned by a quarter or by a few degrees, cropped, shifted, rescaled or saved again. Perceptual
hashes (imagehash) find none of those that are turned and few of those that are cropped, so the candidates, the most
similar thumbnails over the eight symmetries, are aligned with the picture and compared. `benchmarks/copies.py` measures
how many copies are found and how many other pictures are taken for copies.
"""

import numpy as np
from PIL import Image
from rich.console import Console
from rich.progress import track
from scipy.ndimage import gaussian_filter
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from models.inputs.picture import open_image
from training.custom.item import Item
from training.custom.similar_texts import text_groups
from training.data.alignment import agreement
from training.data.near_duplicates import INK, linked, thumbnail

SIDE = 48  # pixels, the side of the squares that are aligned
# The least correlation of copies after alignment, of the whole and of the details between two scales in pixels. Small
# photos (below SMALL pixels) lack the finest details, which tell other photos of the same place from copies.
# Single strokes can be mapped onto each other, so theirs are the strictest.
THRESHOLDS = {"ink": (0.965, 0.95), "stroke": (0.965, 0.985), "picture": (0.85, 0.83), "small": (0.72, 0.85)}
SCALES = {"ink": (0.0, 2.0), "stroke": (0.0, 2.0), "picture": (0.0, 2.0), "small": (0.8, 2.5)}
SMALL = 64  # the longer side
CANDIDATES = 8  # the most similar thumbnails of a picture, which are aligned with it
MIN_SIMILARITY = 0.4  # of the thumbnails of candidates
SHIFT = 0.12  # share of the side by which thumbnails are shifted as well
_SHIFTS = np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]], np.float32)
BLOCK = 250  # pictures at once
NOISE = 0.2  # share of the strongest ink; paler pixels are paper
# The length of a drawing's ink as a multiple of its width (root mean squares), above which it is a single stroke, such
# as a 1. Strokes are set upright, because turned by a few degrees they are more like others than like themselves.
LONG = 4.0
RADIUS = 0.4  # the root mean square distance of the ink from its centre, as a share of half the side
TRIMMED = 12  # grey values; rows and columns at the border that vary less are a frame


def groups(items: list[Item], kind: str) -> np.ndarray:
    """The group of each item, int (N,); copies, and items linked by a chain of them, share a group.

    items: all of one label. A drawing that looks the same upside down, such as a ring or a cross, would agree with any
    other of its kind; such drawings are compared as they lie, or upright if they are a single stroke, and if even so
    almost all are alike, only identical files share a group.
    """
    _, identical = np.unique([item.content for item in items], return_inverse=True)
    if kind == "fields":
        return identical
    if kind == "text":
        return text_groups([str(item.raw) for item in items], identical)
    if len(items) == 1:
        return identical
    pictures = [_grey(item) for item in items]
    simple, long = np.zeros((2, len(items)), bool)
    if kind != "ink":
        squares = np.stack([square(picture) for picture in pictures])
    else:
        drawn = [ink_square(picture) for picture in pictures]
        squares, long = np.stack([each for each, _ in drawn]), np.array([length > LONG for _, length in drawn])
        turned = np.ascontiguousarray(squares[:, ::-1, ::-1])
        simple = _are_copies(squares, turned, None, kind)
    group = identical.copy()
    if simple.sum() > 1:
        rows = np.flatnonzero(simple)
        near = linked(np.stack([thumbnail(pictures[row]) for row in rows]), _numbered(identical[rows]), INK)
        group = _joined(group, rows, near)
    if kind == "picture" and float(np.mean([max(picture.size) <= SMALL for picture in pictures])) > 0.5:
        kind = "small"
    for chosen, of_kind in ((long, "stroke"), (~simple & ~long, kind)):
        rows = np.flatnonzero(chosen)
        if len(rows) > 1:
            group = _joined(group, rows, copies(squares[rows], _numbered(group[rows]), of_kind))
    return identical if simple.mean() > 0.5 and len(np.unique(group)) < 3 else group


def copies(squares: np.ndarray, same: np.ndarray, kind: str) -> np.ndarray:
    """The group of each picture, int (N,), from the squares, float32 (N, SIDE, SIDE), and the initial groups (N,)."""
    others, variants = _candidates(squares)
    group = same
    console = Console(stderr=True)
    hidden = not console.is_terminal or len(squares) < BLOCK
    ranks = range(others.shape[1])
    for rank in track(ranks, "Looking for copies", console=console, transient=True, disable=hidden):
        left = np.arange(len(squares))
        other, variant = others[:, rank], variants[:, rank]
        new = (other >= 0) & (group != group[other])  # pairs that are already linked are skipped
        left, other, variant = left[new], other[new], variant[new]
        found = np.zeros(len(left), bool)
        for start in range(0, len(left), BLOCK):
            part = slice(start, start + BLOCK)
            symmetry, shift = np.divmod(variant[part], len(_SHIFTS))
            right = np.stack([_symmetric(squares[o], s) for o, s in zip(other[part], symmetry, strict=True)])
            maps = np.tile(np.eye(2, 3, dtype=np.float32), (len(right), 1, 1))
            maps[:, :, 2] = 2 * SHIFT * _SHIFTS[shift]
            found[part] = _are_copies(squares[left[part]], right, maps, kind)
        edges = group[left[found]], group[other[found]]
        graph = coo_array((np.ones(int(found.sum()), bool), edges), shape=(len(squares), len(squares)))
        group = connected_components(graph, directed=False)[1][group]
    return group


def square(picture: Image.Image) -> np.ndarray:
    """The picture without a frame of one colour as a square of SIDE pixels, float32, 0 to 1."""
    grey = np.asarray(picture)
    rows, columns = (np.flatnonzero(np.ptp(grey, axis=axis) > TRIMMED) for axis in (1, 0))
    if len(rows) and len(columns):
        picture = picture.crop((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))
    return np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BOX), np.float32) / 255


def ink_square(picture: Image.Image) -> tuple[np.ndarray, float]:
    """The ink of a drawing, centred and scaled to RADIUS in a square of SIDE pixels, float32, 0 to 1, and its length.

    The length is a multiple of the width; if it is above LONG, the ink is set upright.
    """
    grey = np.asarray(picture, np.float32)
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    ink = np.abs(grey - np.median(border))
    ink[ink < NOISE * ink.max()] = 0
    total = float(ink.sum())
    if not total:
        return np.zeros((SIDE, SIDE), np.float32), 1.0
    rows, columns = np.arange(ink.shape[0]), np.arange(ink.shape[1])
    by_row, by_column = ink.sum(axis=1), ink.sum(axis=0)
    y, x = float(by_row @ rows) / total, float(by_column @ columns) / total
    across, along = float(by_column @ (columns - x) ** 2) / total, float(by_row @ (rows - y) ** 2) / total
    both = float((rows - y) @ ink @ (columns - x)) / total
    values, axes = np.linalg.eigh([[across, both], [both, along]])
    length = float(np.sqrt(values[1] / max(values[0], 1e-6)))
    right, down = axes[:, 1] * (-1 if axes[1, 1] < 0 else 1) if length > LONG else (0.0, 1.0)
    half = max(float(np.sqrt(across + along)) / RADIUS, 2.0)
    side = min(max(2 * round(half), 2 * SIDE), 1024)  # enlarged before it is reduced, so that nothing is skipped
    scale = 2 * half / side
    start = x + 0.5 - half * (right + down), y + 0.5 - half * (down - right)
    map = (scale * down, scale * right, start[0], -scale * right, scale * down, start[1])
    cut = Image.fromarray(ink).transform((side, side), Image.Transform.AFFINE, map, Image.Resampling.BILINEAR)
    return np.asarray(cut.resize((SIDE, SIDE), Image.Resampling.BOX), np.float32) / 255, length


def _candidates(squares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The most similar pictures of each, best first, int (N, CANDIDATES), -1 for none, and their variants.

    A variant is 5 x the number of a symmetry + the number of a shift.
    """
    count = min(CANDIDATES, len(squares) - 1)
    variants = np.stack(
        [_described(_shifted(_symmetric_all(squares, symmetry), shift)) for symmetry in range(8) for shift in _SHIFTS]
    )  # (40, N, D)
    described = variants[0]
    others, chosen = np.full((2, len(squares), count), -1)
    for start in range(0, len(squares), BLOCK):
        rows = np.arange(start, min(start + BLOCK, len(squares)))
        best, variant = np.full((len(rows), len(squares)), -1, np.float32), np.zeros((len(rows), len(squares)), np.int8)
        for number, of_variant in enumerate(variants):
            similarity = described[rows] @ of_variant.T
            better = similarity > best
            best[better], variant[better] = similarity[better], number
        best[np.arange(len(rows)), rows] = -1  # itself
        nearest = np.argpartition(-best, count - 1, axis=1)[:, :count]
        nearest = np.take_along_axis(nearest, np.argsort(-np.take_along_axis(best, nearest, 1), axis=1), 1)
        similar = np.take_along_axis(best, nearest, 1) > MIN_SIMILARITY
        others[rows] = np.where(similar, nearest, -1)
        chosen[rows] = np.take_along_axis(variant, nearest, 1)
    return others, chosen


def _described(squares: np.ndarray) -> np.ndarray:
    """Blurred thumbnails that fade out towards the border, centred and of length 1, float32 (N, 256)."""
    smooth = gaussian_filter(squares, (0, 1.5, 1.5), mode="nearest")[:, 1::3, 1::3]
    fade = np.sin((np.arange(smooth.shape[1]) + 0.5) * np.pi / smooth.shape[1]).astype(np.float32)
    weight = np.outer(fade, fade)
    smooth = smooth - (smooth * weight).sum(axis=(1, 2), keepdims=True) / weight.sum()
    rows = (smooth * np.sqrt(weight)).reshape(len(squares), -1)
    return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-3)


def _shifted(squares: np.ndarray, shift: np.ndarray) -> np.ndarray:
    right, down = (round(float(part) * SHIFT * SIDE) for part in shift)
    padded = np.pad(squares, ((0, 0), (abs(down),) * 2, (abs(right),) * 2), mode="edge")
    return padded[:, abs(down) + down :, abs(right) + right :][:, :SIDE, :SIDE]


def _symmetric_all(squares: np.ndarray, symmetry: int) -> np.ndarray:
    return np.rot90(squares[:, :, ::-1] if symmetry >= 4 else squares, symmetry % 4, axes=(1, 2))


def _symmetric(picture: np.ndarray, symmetry: int) -> np.ndarray:
    return _symmetric_all(picture[None], int(symmetry))[0]


def _are_copies(left: np.ndarray, right: np.ndarray, maps: np.ndarray | None, kind: str) -> np.ndarray:
    whole, details = agreement(left, right, maps, SCALES[kind])
    return (whole > THRESHOLDS[kind][0]) & (details > THRESHOLDS[kind][1])


def _joined(group: np.ndarray, rows: np.ndarray, of_rows: np.ndarray) -> np.ndarray:
    """The groups after those of some rows are replaced by `of_rows`, which may not share members with other rows."""
    group = group.copy()
    group[rows] = len(group) + of_rows
    return _numbered(group)


def _numbered(group: np.ndarray) -> np.ndarray:
    """The same groups with numbers from 0."""
    return np.unique(group, return_inverse=True)[1]


def _grey(item: Item) -> Image.Image:
    """An image file in grey, with transparent pixels on white."""
    image = open_image(item.raw)[0].convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("L")
