"""Synthetic user examples: drawings of plain shapes in class folders, and tables."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

SHAPES = {
    "bar": lambda draw, x, y, s: draw.line([(x, y), (x, y + s)], fill=0, width=4),
    "cross": lambda draw, x, y, s: (
        draw.line([(x, y), (x + s, y + s)], fill=0, width=4),
        draw.line([(x + s, y), (x, y + s)], fill=0, width=4),
    ),
    "ring": lambda draw, x, y, s: draw.ellipse([x, y, x + s, y + s], outline=0, width=4),
}


def drawings(folder: Path, **counts: int) -> Path:
    """Fill `folder` with the given number of different drawings of each shape."""
    random = np.random.default_rng(0)
    for shape, count in counts.items():
        (folder / shape).mkdir(parents=True)
        for number in range(count):
            image = Image.new("L", (64, 64), 255)
            x, y = random.integers(4, 24, size=2).tolist()
            SHAPES[shape](ImageDraw.Draw(image), x, y, int(random.integers(16, 34)))
            image.save(folder / shape / f"{number}.png")
    return folder


@pytest.fixture
def drawn(tmp_path):
    """A function: `drawn(bar=5, ring=7)` returns a folder with that many different drawings of each shape."""
    return partial(drawings, tmp_path / "drawings")


@pytest.fixture
def written(tmp_path):
    """A function: `written("text,label", ...)` returns a CSV file with these lines."""

    def make(*lines: str, encoding: str = "utf-8") -> Path:
        file = tmp_path / "words.csv"
        file.write_bytes("\n".join(lines).encode(encoding))
        return file

    return make
