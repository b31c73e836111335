"""Draws photos of paper with a character written on it: light and shadow, folds, rulings, holes, table, camera.

Colours are reflectances and light in linear steps from 0 to 1, float32 (height, width, 3). Lengths are shares of the
photo's shorter side, except where pixels are named.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from models.inputs.strokes import PAD, draw, segments_of

SIZES = ((420, 560), (560, 420), (480, 480), (600, 800))  # pixels, (width, height)
MARGIN = 0.15  # share of the photo by which the sheet reaches beyond each side
PAPERS = ((235, 235, 235), (250, 250, 248), (244, 240, 228), (222, 220, 214), (238, 243, 248))  # grey to cream, 0-255
INKS = ((25, 25, 30), (30, 45, 130), (60, 60, 65), (95, 95, 98), (130, 25, 35), (20, 85, 55))  # the fourth: pencil
RULINGS = ((150, 175, 215), (165, 165, 170), (190, 205, 190), (205, 170, 175))
MARGIN_LINE = (215, 110, 115)
TABLES = ((95, 62, 38), (150, 110, 72), (45, 45, 48), (190, 188, 184), (72, 88, 84))
MIN_PEN = 1.6  # pixels; a thinner line is hardly visible on a photo


@dataclass(frozen=True)
class Photo:
    """A JPEG file, and the names of what it shows besides ink: "shadow", "lines", "table", ..."""

    jpeg: bytes
    features: tuple[str, ...]


def photo(strokes: Sequence[np.ndarray] | None, random: np.random.Generator) -> Photo:
    """A photo of a character, strokes (points, 2) in pad pixels, or of an empty sheet (None)."""
    width, height = SIZES[random.choice(len(SIZES), p=(0.5, 0.25, 0.1, 0.15))]
    side = min(width, height)
    features: list[str] = []
    sheet = _sheet(width, height, random, features)
    beside = random.random() < 0.25  # whether the table shows
    if strokes is not None:
        _write(sheet, strokes, width, height, beside, random)
    scene = _on_table(sheet, width, height, beside, random, features)
    scene = scene * _light(width, height, random, features)[..., None]
    scene = scene * random.uniform(0.82, 1.02) * (1 + random.uniform(-0.04, 0.04, 3))  # exposure, white balance
    image = Image.fromarray((scene.clip(0, 1) * 255).astype(np.uint8))
    image = image.filter(ImageFilter.GaussianBlur(random.uniform(0, 1.0) * side / 420))
    noise = np.float32(random.uniform(0.5, 5)) * random.standard_normal((height, width, 1), np.float32)
    noisy = np.asarray(image, np.float32) + noise + random.standard_normal((height, width, 3), np.float32)
    file = io.BytesIO()
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=int(random.integers(50, 93)))
    return Photo(file.getvalue(), tuple(features))


def _colour(choices: Sequence[tuple[int, int, int]], random: np.random.Generator) -> np.ndarray:
    return np.float32(choices[random.integers(len(choices))]) / 255


def _sheet(width: int, height: int, random: np.random.Generator, features: list[str]) -> np.ndarray:
    """The reflectance of a sheet somewhat larger than the photo: grain, blotches, rulings, a margin line, holes."""
    high, wide = round(height * (1 + 2 * MARGIN)), round(width * (1 + 2 * MARGIN))
    side = min(width, height)
    grain = np.float32(random.uniform(0.002, 0.012)) * random.standard_normal((high, wide), np.float32)
    blotches = np.float32(0.015) * _smooth(random, high, wide, 12)
    sheet = _colour(PAPERS, random) * (1 + grain + blotches)[..., None]
    kind = random.choice(["plain", "lines", "squares"], p=(0.5, 0.27, 0.23))
    if kind != "plain":
        features.append(str(kind))
        colour, thick = _colour(RULINGS, random), random.uniform(0.9, 2.4) * side / 420
        strength = random.uniform(0.5, 1)
        pitch = random.uniform(0.05, 0.17) * side if kind == "lines" else random.uniform(0.035, 0.1) * side
        offset = random.uniform(0, pitch)
        _rule(sheet, np.arange(high), offset, pitch, thick, colour, strength)
        if kind == "squares":
            _rule(sheet.swapaxes(0, 1), np.arange(wide), offset, pitch, thick, colour, strength)
    if random.random() < (0.3 if kind != "plain" else 0.06):
        features.append("margin line")
        x = wide * (MARGIN + random.uniform(0.03, 0.2))
        thick, colour = random.uniform(1, 2.6) * side / 420, np.float32(MARGIN_LINE) / 255
        _rule(sheet.swapaxes(0, 1), np.arange(wide), x, 10 * wide, thick, colour, random.uniform(0.6, 1))
    if random.random() < 0.12:
        features.append("fold")
        _fold(sheet, random)
    if random.random() < 0.15:
        features.append("punch hole")
        _holes(sheet, width, height, random)
    return sheet


def _rule(
    sheet: np.ndarray,
    rows: np.ndarray,
    offset: float,
    pitch: float,
    thick: float,
    colour: np.ndarray,
    strength: float,
) -> None:
    """Print parallel lines along the second axis, `pitch` rows apart; strength: their opacity."""
    distance = np.abs((rows - offset + pitch / 2) % pitch - pitch / 2)
    share = (thick / 2 + 0.5 - distance).clip(0, 1).astype(np.float32)
    printed = np.flatnonzero(share)
    sheet[printed] *= 1 - share[printed, None, None] * np.float32(strength) * (1 - colour)


def _fold(sheet: np.ndarray, random: np.random.Generator) -> None:
    """A crease across the sheet: one half catches more light, and the crease itself is dark or bright."""
    high, wide = sheet.shape[:2]
    angle = random.choice((0, np.pi / 2)) + random.normal(0, 0.04)
    y, x = np.ogrid[:high, :wide]
    across = (x - wide * random.uniform(0.3, 0.7)) * np.cos(angle) + (y - high * random.uniform(0.3, 0.7)) * np.sin(
        angle
    )
    soft = random.uniform(1, 25)
    step = 1 / (1 + np.exp(-(across / soft).clip(-30, 30)))
    crease = np.exp(-((across / random.uniform(0.8, 3)) ** 2))
    sheet *= (1 - random.uniform(0.02, 0.14) * step - random.uniform(-0.05, 0.18) * crease).astype(np.float32)[
        ..., None
    ]


def _holes(sheet: np.ndarray, width: int, height: int, random: np.random.Generator) -> None:
    """One or two punched holes at the left of the sheet, through which the table shows."""
    side, radius = min(width, height), random.uniform(0.015, 0.035) * min(width, height)
    x, first = width * MARGIN + random.uniform(0.04, 0.09) * side, height * (MARGIN + random.uniform(0.1, 0.5))
    table = _colour(TABLES, random) * random.uniform(0.4, 1)
    reach = int(radius) + 8
    for y in (first, first + 0.4 * height)[: random.integers(1, 3)]:
        left, top = int(x) - reach, int(y) - reach
        around = sheet[top : top + 2 * reach, left : left + 2 * reach]
        rows, columns = np.ogrid[: around.shape[0], : around.shape[1]]
        distance = np.sqrt((columns + left - x) ** 2 + (rows + top - y) ** 2)
        share = (radius - distance).clip(0, 1)[..., None].astype(np.float32)
        around[:] = around * (1 - share) + table * share
        around *= 1 - 0.15 * np.exp(-(((distance - radius) / 2) ** 2)).astype(np.float32)[..., None]


def _write(
    sheet: np.ndarray,
    strokes: Sequence[np.ndarray],
    width: int,
    height: int,
    beside: bool,
    random: np.random.Generator,
) -> None:
    """Write the strokes on the part of the sheet that the photo shows, clear of the holes and of the sheet's edge."""
    side = min(width, height)
    size = random.uniform(0.25, 0.55 if beside else 0.68) * side
    points = [(np.asarray(stroke, np.float64) - PAD / 2) for stroke in strokes]
    scale = size / max(float(np.ptp(np.concatenate(points), axis=0).max()), 1)
    pen = max(MIN_PEN * side / 420, size * np.exp(random.uniform(np.log(0.013), np.log(0.1))))
    room = np.maximum((np.float64([width, height]) - size) / 2 - (0.17 if beside else 0.13) * side, 0)
    centre = np.float64([width, height]) * (0.5 + MARGIN) + random.uniform(-1, 1, 2) * room
    canvas = int(size + 2 * pen) + 4  # the square that is written on
    left, top = (centre - canvas / 2).astype(int)
    placed = [stroke * scale + canvas / 2 for stroke in points]
    ink = draw(segments_of(placed, pen, canvas), pen, canvas)
    uneven = 1 - random.uniform(0, 0.25) * np.abs(_smooth(random, canvas, canvas, 40))  # pressure of the pen
    share = (ink * uneven * random.uniform(0.75, 1)).astype(np.float32)[..., None]
    paper = sheet[top : top + canvas, left : left + canvas]
    paper[:] = paper * (1 - share) + np.minimum(_colour(INKS, random), paper) * share


def _on_table(
    sheet: np.ndarray, width: int, height: int, beside: bool, random: np.random.Generator, features: list[str]
) -> np.ndarray:
    """The sheet as the camera sees it: turned, in perspective and, if `beside`, with the table along a side or two."""
    high, wide = sheet.shape[:2]
    angle = np.deg2rad(np.clip(random.normal(0, 2.5), -6, 6))
    if beside:
        features.append("table")
        cut = random.uniform(0.02, 0.12, 4) * np.float64([width, height, width, height])
        sides = random.permutation(4)[: random.integers(1, 4)]
        if 0 in sides or 2 in sides:
            sheet = sheet[:, round(width * MARGIN + cut[0]) if 0 in sides else 0 :]
            left = width * MARGIN + cut[0] if 0 in sides else 0.0
            if 2 in sides:
                sheet = sheet[:, : round(wide - width * MARGIN - cut[2] - left)]
        else:
            left = 0.0
        top = height * MARGIN + cut[1] if 1 in sides else 0.0
        sheet = sheet[round(top) :]
        if 3 in sides:
            sheet = sheet[: round(high - height * MARGIN - cut[3] - top)]
    else:
        left = top = 0.0
    lean = random.uniform(-0.05, 0.05, 2) / np.float64([width, height])  # perspective
    coefficients = _mapping(angle, lean, width, height, wide / 2 - round(left), high / 2 - round(top))
    image = Image.fromarray((sheet.clip(0, 1) * 255).astype(np.uint8))
    seen = image.transform((width, height), Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)
    scene = np.asarray(seen, np.float32) / 255
    if not beside:
        return scene
    covered = Image.new("L", image.size, 255).transform(
        (width, height), Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BILINEAR
    )
    shadow = covered.filter(ImageFilter.GaussianBlur(random.uniform(1, 8)))
    darker = 1 - random.uniform(0, 0.6) * np.asarray(shadow, np.float32)[..., None] / 255
    share = np.asarray(covered, np.float32)[..., None] / 255
    return scene * share + _table(width, height, random) * darker * (1 - share)


def _mapping(
    angle: float, lean: np.ndarray, width: int, height: int, centre_x: float, centre_y: float
) -> tuple[float, ...]:
    """Pillow's eight coefficients, from pixels of the photo to pixels of the sheet."""
    to_centre = np.float64([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
    turn = np.float64([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [lean[0], lean[1], 1]])
    back = np.float64([[1, 0, centre_x], [0, 1, centre_y], [0, 0, 1]])
    matrix = back @ turn @ to_centre
    return tuple((matrix / matrix[2, 2]).ravel()[:8].tolist())


def _table(width: int, height: int, random: np.random.Generator) -> np.ndarray:
    """A plain or wooden table."""
    grain = _smooth(random, height, width, 1.5, 40) + 0.5 * _smooth(random, height, width, 5, 90)
    amount = random.choice((0, 0.04, 0.12))
    return _colour(TABLES, random) * (1 + amount * grain).astype(np.float32)[..., None]


def _light(width: int, height: int, random: np.random.Generator, features: list[str]) -> np.ndarray:
    """The light on each pixel: a gradient, and perhaps vignette, soft corner shadow, hand or hard-edged shadow."""
    y, x = np.mgrid[-0.5 : 0.5 : height * 1j, -0.5 : 0.5 : width * 1j].astype(np.float32)
    slope = random.uniform(0, 2 * np.pi)
    light = 1 - np.float32(random.uniform(0, 0.25)) * (
        x * np.float32(np.cos(slope)) + y * np.float32(np.sin(slope)) + 0.5
    )
    if random.random() < 0.3:
        features.append("vignette")
        light *= 1 - random.uniform(0.1, 0.5) * ((x**2 + y**2) / 0.5) ** random.uniform(0.8, 2)
    kind = random.choice(["", "corner", "hand", "edge"], p=(0.4, 0.28, 0.16, 0.16))
    if not kind:
        return light
    features.append(f"shadow ({kind})")
    depth, soft = random.uniform(0.1, 0.45), random.uniform(0.03, 0.2)
    if kind == "corner":
        corner = random.choice((-0.5, 0.5), 2)
        distance = np.sqrt((x - corner[0]) ** 2 + (y - corner[1]) ** 2) - random.uniform(0.3, 0.8)
    elif kind == "hand":
        side = random.uniform(0, 2 * np.pi)
        along, across = x * np.cos(side) + y * np.sin(side), x * np.sin(side) - y * np.cos(side)
        distance = np.maximum(0.35 - along, np.abs(across + random.uniform(-0.3, 0.3)) - random.uniform(0.08, 0.25))
        distance += 0.03 * _smooth(random, height, width, min(width, height) / 4)
    else:
        side, soft = random.uniform(0, 2 * np.pi), random.uniform(0.004, 0.06)
        distance = x * np.cos(side) + y * np.sin(side) + random.uniform(-0.25, 0.25)
    return light * (1 - depth / (1 + np.exp((distance / (soft / 2)).clip(-30, 30))))


def _smooth(random: np.random.Generator, high: int, wide: int, scale: float, across: float | None = None) -> np.ndarray:
    """Noise about as strong as the standard normal, smooth over `scale` pixels down and `across` pixels across."""
    rows, columns = max(2, round(high / scale)), max(2, round(wide / (across or scale)))
    coarse = Image.fromarray(random.normal(0, 1, (rows, columns)).astype(np.float32))
    return np.asarray(coarse.resize((wide, high), Image.Resampling.BICUBIC))
