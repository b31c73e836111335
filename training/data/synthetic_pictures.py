"""synthetic-pictures: generated pictures that are not photos, in turn text page, drawing, gradient and noise.

A picture model should abstain on all of them. The three splits are drawn with different seeds. Training and validation
pictures are outliers when familiarity is fitted (`training/outliers.py`); the reported figures are on the test split.
"""

import hashlib
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from training.data.dataset import SPLITS, Dataset, Raw, Sources

COUNT = 400
SIZES = ((320, 240), (240, 320), (320, 214), (213, 320), (256, 256))  # pixels, as photos for training have
LETTERS = "eeeeeetttttaaaaooooiiiinnnsssrrrhhhlldddccuummffppggwyybbvk"  # about as frequent as in English
SMOOTH = 8  # pixels of the noise from which clouds are enlarged, at least 2


def pictures(count: int = COUNT, seed: int = 0) -> list[np.ndarray]:
    """Pictures, uint8 (height, width, 3) each, with the KINDS in turn."""
    random = np.random.default_rng(seed)
    return [KINDS[number % len(KINDS)](random, SIZES[random.integers(len(SIZES))]) for number in range(count)]


def text_page(random: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """Lines of random words in one or two columns, some with a heading; on some pages lit from one side or tilted."""
    paper, ink = _paper_and_ink(random)
    image = Image.new("RGB", size, paper)
    draw = ImageDraw.Draw(image)
    letters = int(random.integers(7, 22))  # pixels
    font, leading = ImageFont.load_default(letters), letters * random.uniform(1.1, 1.9)
    columns, margin = int(random.integers(1, 3)), int(random.integers(4, 30))
    wide = (size[0] - margin * (columns + 1)) // columns
    for column in range(columns):
        left, top = margin + column * (wide + margin), float(margin)
        if random.random() < 0.4:
            draw.text((left, top), _words(random, 12), fill=ink, font=ImageFont.load_default(letters * 2))
            top += letters * 3
        while top < size[1] - margin:
            share = 1.0 if random.random() < 0.8 else random.uniform(0.2, 0.9)  # shorter at the end of a paragraph
            line = _words(random, int(wide * share / letters * 2.2))
            while draw.textlength(line, font=font) > wide * share and " " in line:
                line = line[: line.rindex(" ")]
            draw.text((left, top), line, fill=ink, font=font)
            top += leading * (1 if share == 1.0 else random.uniform(1, 2))
    return _photographed(random, image, paper)


def drawing(random: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """Lines, curves, polygons, ellipses and stick figures with a pen; a third of the drawings are coloured in."""
    paper, ink = _paper_and_ink(random)
    image = Image.new("RGB", size, paper)
    draw = ImageDraw.Draw(image)
    pen, coloured = int(random.integers(1, 7)), random.random() < 0.33
    for _ in range(random.integers(1, 9)):
        centre, reach = random.uniform(0.15, 0.85, 2) * size, random.uniform(0.08, 0.45) * min(size)
        fill = tuple(random.integers(0, 256, 3).tolist()) if coloured else None
        box = [*(centre - reach * random.uniform(0.3, 1, 2)), *(centre + reach * random.uniform(0.3, 1, 2))]
        shape = random.integers(6)
        if shape == 0:
            draw.line(
                [tuple(centre + random.uniform(-reach, reach, 2)) for _ in range(random.integers(2, 8))], ink, pen
            )
        elif shape == 1:
            draw.ellipse(box, fill, ink, pen)
        elif shape == 2:
            corners = [tuple(centre + random.uniform(-reach, reach, 2)) for _ in range(random.integers(3, 7))]
            draw.polygon(corners, fill, ink, pen)
        elif shape == 3:
            draw.rectangle(box, fill, ink, pen)
        elif shape == 4:
            _curve(random, draw, centre, reach, ink, pen)
        else:
            _figure(random, draw, centre, reach, ink, pen)
    return _photographed(random, image, paper)


def gradient(random: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """A linear, radial or two-way gradient between two to four colours, some with grain; a few are nearly plain."""
    x, y = np.meshgrid(np.linspace(-1, 1, size[0]), np.linspace(-1, 1, size[1]))
    angle, kind = random.uniform(0, 2 * np.pi), random.integers(3)
    if kind == 0:
        place = x * np.cos(angle) + y * np.sin(angle)
    elif kind == 1:
        place = np.hypot(x - random.uniform(-1, 1), (y - random.uniform(-1, 1)) * random.uniform(0.5, 2))
    else:
        place = x * y + 0.5 * (x * np.cos(angle) + y * np.sin(angle))
    place = (place - place.min()) / np.ptp(place)
    colours = random.uniform(0, 255, (random.integers(2, 5), 3))
    if random.random() < 0.2:
        colours = colours[0] + (colours - colours[0]) * 0.1
    stops = np.linspace(0, 1, len(colours))
    shades = np.stack([np.interp(place, stops, colours[:, channel]) for channel in range(3)], axis=2)
    grain = random.uniform(0, 8) if random.random() < 0.5 else 0
    return _bytes(shades + random.normal(0, grain or 1e-9, shades.shape))


def noise(random: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """Noise of every pixel, of blocks, or smooth as clouds: grey, in two colours, or in all colours."""
    grain = (1, int(random.integers(2, 12)), 1)[kind := int(random.integers(3))]
    if kind == 2:  # clouds
        cells = tuple(int(n) for n in random.integers(2, SMOOTH * 4, 2))
    else:
        cells = (size[0] // grain, size[1] // grain)
    channels = 3 if (mode := random.integers(3)) == 2 else 1
    values = random.random((cells[1], cells[0], channels))
    if kind < 2 and random.random() < 0.3:
        values = (values > random.uniform(0.05, 0.95)).astype(float)  # salt and pepper
    if mode:
        first, second = random.uniform(0, 255, (2, 3))
        values = first + values * (second - first) if mode == 1 else values * 255
    else:
        centre, width = random.uniform(60, 195), random.uniform(40, 255)
        values = np.repeat(centre + (values - 0.5) * width, 3, axis=2)
    resample = Image.Resampling.BICUBIC if kind == 2 else Image.Resampling.NEAREST
    image = Image.fromarray(_bytes(values)).resize(size, resample)
    if kind == 0 and random.random() < 0.3:
        image = image.filter(ImageFilter.GaussianBlur(random.uniform(0.5, 2)))
    return np.asarray(image)


KINDS: tuple[Callable[[np.random.Generator, tuple[int, int]], np.ndarray], ...] = (text_page, drawing, gradient, noise)


def _words(random: np.random.Generator, length: int) -> str:
    """Random words of 1 to 10 letters, `length` characters in all, at least one."""
    text = ""
    while len(text) < max(1, length):
        word = "".join(random.choice(list(LETTERS), random.integers(1, 11)))
        text += (word.capitalize() if random.random() < 0.1 else word) + ("." if random.random() < 0.08 else "") + " "
    return text[: max(1, length)]


def _paper_and_ink(random: np.random.Generator) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """White or tinted paper with dark ink; every fifth is light on dark."""
    light = 255 - random.integers(0, 60) - random.integers(0, 25, 3) * (random.random() < 0.6)
    dark = random.integers(0, 60) + random.integers(0, 120, 3) * (random.random() < 0.4)
    pair = tuple(light.tolist()), tuple(dark.tolist())
    return pair if random.random() < 0.8 else pair[::-1]


def _curve(random: np.random.Generator, draw: ImageDraw.ImageDraw, centre, reach: float, ink, pen: int) -> None:
    """A wavy closed or open line: a sum of three waves around `centre`."""
    along = np.linspace(0, 2 * np.pi * random.uniform(0.4, 1), 80)
    waves = sum(random.normal(0, 1 / n, (2, 1)) * np.sin(n * along + random.uniform(0, 6.3, (2, 1))) for n in (1, 2, 3))
    draw.line([tuple(point) for point in (np.array(centre)[:, None] + reach * waves).T], ink, pen, joint="curve")


def _figure(random: np.random.Generator, draw: ImageDraw.ImageDraw, centre, reach: float, ink, pen: int) -> None:
    """A house or a stick figure."""
    (x, y), r = centre, reach
    if random.random() < 0.5:
        draw.rectangle([x - r * 0.7, y - r * 0.2, x + r * 0.7, y + r], None, ink, pen)
        draw.line([(x - r * 0.9, y - r * 0.2), (x, y - r), (x + r * 0.9, y - r * 0.2)], ink, pen)
        draw.rectangle([x - r * 0.15, y + r * 0.4, x + r * 0.15, y + r], None, ink, pen)
    else:
        arm = random.uniform(-0.4, 0.4) * r
        draw.ellipse([x - r * 0.2, y - r, x + r * 0.2, y - r * 0.6], None, ink, pen)
        draw.line([(x, y - r * 0.6), (x, y + r * 0.3)], ink, pen)
        draw.line([(x - r * 0.7, y - r * 0.3 + arm), (x, y - r * 0.3), (x + r * 0.7, y - r * 0.3 + arm)], ink, pen)
        draw.line([(x - r * 0.4, y + r), (x, y + r * 0.3), (x + r * 0.4, y + r)], ink, pen)


def _photographed(random: np.random.Generator, image: Image.Image, paper: tuple[int, ...]) -> np.ndarray:
    """The page as it is, or tilted by up to 8 degrees, slightly blurred, lit from one side and with grain."""
    if random.random() < 0.5:
        return np.asarray(image)
    image = image.rotate(random.uniform(-8, 8), Image.Resampling.BICUBIC, fillcolor=paper)
    image = image.filter(ImageFilter.GaussianBlur(random.uniform(0, 1.2)))
    x, y = np.meshgrid(np.linspace(-1, 1, image.width), np.linspace(-1, 1, image.height))
    angle, depth = random.uniform(0, 2 * np.pi), random.uniform(0, 0.3)
    light = 1 - depth * (0.5 + 0.5 * (x * np.cos(angle) + y * np.sin(angle)).clip(-1, 1))
    pixels = np.asarray(image) * light[..., None]
    return _bytes(pixels + random.normal(0, random.uniform(0.1, 6), pixels.shape))


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.round(values).clip(0, 255).astype(np.uint8)


def _read(split: str, sources: Sources) -> Raw:
    made = pictures(seed=SPLITS.index(split))
    digest = hashlib.sha256(b"".join(picture.tobytes() for picture in made))
    return Raw(made, None, (), digest.hexdigest())


DATASETS = (
    Dataset(
        "synthetic-pictures",
        "Text pages, drawings, gradients and noise",
        "training/data/synthetic_pictures.py",
        "Apache-2.0",
        _read,
        made_up=True,
    ),
)
