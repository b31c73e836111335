"""Measures how many copies of own examples are found: `ZOO_DATA=DATA python benchmarks/copies.py`.

Draws photos of one place, drawings of one digit and photos of Tiny ImageNet, and makes copies of each kind. Prints, for
each kind of copy, how many are grouped with their original, and how many of the originals are grouped with another.

`--shuffled` instead measures whether copies leak into the test part: of each of ORIGINALS pictures there are
COPIES_OF_EACH, each of another kind, and each original has one of three labels at random. Trains a model with
cross-validation, as `zoo train --examples` does, and prints how many copies are not grouped with the others of their
original and the accuracy, which is at chance if no copy leaks. One set takes two to five minutes of CPU time.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
import torch
from own_sets import OwnSet
from PIL import Image
from small_sets import train

from models.inputs import ink
from training.custom.item import Item
from training.custom.near_duplicates import groups
from training.data import dataset
from training.data.dataset import Sources
from training.data.tiny_imagenet import photos

COPIED = 12  # originals of which copies are made
COUNT = 60  # originals
ORIGINALS, COPIES_OF_EACH, LABELS = 45, 8, 3  # with shuffled labels
KINDS = ("mirrored", "upside down", "quarter turn", "turned 3 to 5", "turned, larger", "cropped 6 to 10%", "shifted")
KINDS += ("rescaled", "stretched", "cropped and turned", "mirrored and turned", "brighter, JPEG")


def copy(image: Image.Image, kind: str, random: np.random.Generator, paper: int | None = None) -> Image.Image:
    """A copy of a picture; new corners and borders are white or, in half of the photos, black."""
    width, height = image.size
    fill = tuple([paper if paper is not None else int(random.choice([0, 255]))] * len(image.getbands()))
    angle = float(random.uniform(3, 5) * random.choice([-1, 1]))
    if "turned" in kind and kind.split()[0] in ("cropped", "mirrored"):
        first = "mirrored" if kind.startswith("mirrored") else "cropped 6 to 10%"
        return copy(copy(image, first, random, paper), "turned 3 to 5", random, paper)
    if kind in FLIPS:
        return image.transpose(FLIPS[kind])
    if kind.startswith("turned"):
        return image.rotate(angle, Image.Resampling.BICUBIC, expand=kind != "turned 3 to 5", fillcolor=fill)
    if kind.startswith("cropped"):
        across, down = (round(side * random.uniform(0.06, 0.1)) for side in image.size)
        left, top = int(random.integers(across + 1)), int(random.integers(down + 1))
        return image.crop((left, top, width - across + left, height - down + top))
    if kind == "shifted":
        moved = Image.new(image.mode, image.size, fill)
        share = random.uniform(0.04, 0.1, 2) * random.choice([-1, 1], 2)
        moved.paste(image, (round(width * share[0]), round(height * share[1])))
        return moved
    if kind == "brighter, JPEG":
        return image.point(lambda value: min(255, round(1.1 * value + 10)))
    scale = random.uniform(0.5, 0.8)
    return image.resize((round(width * scale), round(height * (0.9 if kind == "stretched" else scale))))


FLIPS = {
    "mirrored": Image.Transpose.FLIP_LEFT_RIGHT,
    "upside down": Image.Transpose.FLIP_TOP_BOTTOM,
    "quarter turn": Image.Transpose.ROTATE_90,
}


def measure(name: str, images: list[Image.Image], input: str) -> None:
    """Print the figures for pictures of one label."""
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        items = [_saved(image, Path(folder) / f"{number}.png") for number, image in enumerate(images)]
        alone = groups(items, input)
        shared = int((np.bincount(alone)[alone] > 1).sum())
        print(f"{name}: {shared} of {len(images)} originals grouped with another", flush=True)
        for kind in KINDS:
            paper = 255 if input == "ink" else None
            made = [
                _saved(copy(images[number], kind, random, paper), Path(folder) / f"{number}-copy.jpg")
                for number in range(COPIED)
            ]
            group = groups(items + made, input)
            right = int((group[: len(made)] == group[len(items) :]).sum())
            print(f"  {kind}: {right} of {len(made)} copies grouped with their original", flush=True)


def measure_shuffled(name: str, images: list[Image.Image], entry: str) -> None:
    """Print the cross-validated accuracy of a model of copies whose labels mean nothing."""
    random = np.random.default_rng(0)
    labels = random.permutation(np.arange(ORIGINALS) % LABELS)
    paper = 255 if images[0].mode == "L" else None
    made = [
        (copy(image, kind, random, paper), f"label-{label}")
        for image, label in zip(images[:ORIGINALS], labels, strict=True)
        for kind in random.permutation(KINDS)[:COPIES_OF_EACH].tolist()
    ]
    with tempfile.TemporaryDirectory() as scratch:
        apart = _apart(made, "ink" if paper else "picture", Path(scratch))
        print(f"{name}: {apart} of {len(made)} copies are not grouped with most copies of their original", flush=True)
        accuracy = train(OwnSet(entry, made, [], {}), Path(scratch))[1]
    chance = 1 / LABELS
    error = (chance * (1 - chance) / ORIGINALS) ** 0.5  # the copies of an original are right or wrong together
    print(
        f"{name}, {ORIGINALS} originals with {COPIES_OF_EACH} copies each, shuffled labels: accuracy {accuracy:.1%}; "
        f"chance {chance:.1%}, 95% of the time from {chance - 1.96 * error:.0%} to {chance + 1.96 * error:.0%}",
        flush=True,
    )


def _apart(made: list[tuple[Image.Image, str]], input: str, folder: Path) -> int:
    """The number of copies outside the group of most copies of their original, which follow each other in `made`."""
    count = 0
    for label in sorted({label for _, label in made}):
        rows = [row for row, (_, other) in enumerate(made) if other == label]
        group = groups([_saved(made[row][0], folder / f"{row}.png") for row in rows], input)
        for own in group.reshape(-1, COPIES_OF_EACH):
            count += COPIES_OF_EACH - int(np.bincount(own).max())
    for file in folder.glob("*.png"):
        file.unlink()
    return count


def _saved(image: Image.Image, path: Path) -> Item:
    image.save(path, quality=85)
    return Item(path, "label", path.name, path.name)


def places(label: str) -> Callable[[], list[Image.Image]]:
    """Test photos of one of the seven places."""

    def images() -> list[Image.Image]:
        raw = dataset("wonders", Sources()).read("test", Sources())
        rows = np.flatnonzero(raw.labels == raw.classes.index(label))[:COUNT]
        opened = [Image.open(raw.inputs[row]).convert("RGB") for row in rows]
        for image in opened:
            image.thumbnail((512, 512))
        return opened

    return images


def drawings(digit: int) -> Callable[[], list[Image.Image]]:
    """Test drawings of one digit, by writers of UNIPEN."""

    def images() -> list[Image.Image]:
        raw = dataset("unipen-digits", Sources()).read("test", Sources())
        rows = np.flatnonzero(raw.labels == digit)[:COUNT]
        return [Image.fromarray(np.uint8(255 - 255 * ink.read(raw.inputs[row]).ink)) for row in rows]

    return images


def tiny() -> list[Image.Image]:
    """Photos of Tiny ImageNet."""
    images = photos(Sources().folder, "val", limit=COUNT).inputs["x"]
    return [Image.fromarray(pixels.transpose(1, 2, 0)) for pixels in images]


def main() -> None:
    """Measure all sets, or those of `--shuffled` that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shuffled", action="store_true", help="measure the accuracy on shuffled labels")
    names = [*SHUFFLED]
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"with --shuffled: of {', '.join(names)} (default: all)")
    arguments = parser.parse_args()
    if unknown := set(arguments.sets) - set(names):
        parser.error(f"unknown set {min(unknown)}; there are {', '.join(names)}")
    if arguments.shuffled:
        torch.set_num_threads(1)  # the nets are so small that threads cost more than they save
        for name in arguments.sets or names:
            images, entry = SHUFFLED[name]
            measure_shuffled(name, images(), entry)
        return
    measure("Tiny ImageNet", tiny(), "picture")
    for label in ("christ-the-redeemer", "taj-mahal"):
        measure(label, places(label)(), "picture")
    for digit in (0, 1, 2, 8):
        measure(f"digit {digit}", drawings(digit)(), "ink")


SHUFFLED: dict[str, tuple[Callable[[], list[Image.Image]], str]] = {
    "photos": (tiny, "holidays-efficientnet"),
    "digit-2": (drawings(2), "letters-transfer"),
    "digit-1": (drawings(1), "letters-transfer"),
}


if __name__ == "__main__":
    main()
