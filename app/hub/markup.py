"""Small pieces of HTML and Markdown for several parts of the pages, always escaped."""

import base64
import html
import io
import re
import unicodedata
from typing import Any

import numpy as np
from PIL import Image

from models.inputs.strokes import PAD, PEN

REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")  # characters that reverse what follows: exe.gpj for jpg.exe

LEFT_TO_RIGHT = "\u200e"  # a mark; the characters that isolate are not let through by `escape`
MAX_LABEL = 40  # characters of a label in a sentence


def escape(text: str, quote: bool = True) -> str:
    """A text as HTML, with a replacement character for each that would reorder the letters around it."""
    return html.escape(REORDERING.sub("\ufffd", text), quote)


def shown(label: str) -> str:
    """A label inside a sentence or list: its middle left out if it is long, and isolated if it runs right to left.

    The marks have no width. Without them, the words and numbers beside a label in Arabic or Hebrew change places.
    """
    if len(label) > MAX_LABEL:
        label = f"{label[: MAX_LABEL * 2 // 3]}\u2026{label[-MAX_LABEL // 4 :]}"
    is_right_to_left = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in label)
    return f"{LEFT_TO_RIGHT}{label}{LEFT_TO_RIGHT}" if is_right_to_left else label


def bold(markdown: str) -> str:
    """Text whose only markup is `**bold**`, as HTML."""
    parts = escape(markdown).split("**")
    return "".join(f"<b>{part}</b>" if index % 2 else part for index, part in enumerate(parts))


def plain(text: str) -> str:
    """A text escaped for Markdown: no images and no formatting; a web address becomes a link.

    Parentheses, commas, slashes, quotes and percent signs mean nothing by themselves. They stay, because screen readers
    read a widget's label as it is written.
    """
    escaped = re.sub(r"([!#$&*+\-.:-@\[-`{-~])", r"\\\1", REORDERING.sub("\ufffd", text))
    return re.sub(r"^(\s*\d+)\)", r"\1\\)", escaped)  # not a list


def dot(colour: str) -> str:
    """A model's coloured dot."""
    return f'<span class="zoo-dot" style="background:{colour}"></span>'


def png(image: np.ndarray) -> str:
    """A uint8 image (height, width[, 3]) as a data address."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def drawing(raw: Any, alt: str, side: int = 96) -> str:
    """Strokes as HTML in the page's text colour, `side` pixels wide."""
    strokes = raw["strokes"] if isinstance(raw, dict) else raw
    pen = raw.get("pen", PEN) if isinstance(raw, dict) else PEN
    lines = "".join(_line(stroke) for stroke in strokes)
    svg = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {PAD} {PAD}'><g fill='none' stroke='#000' "
        f"stroke-width='{float(pen):g}' stroke-linecap='round' stroke-linejoin='round'>{lines}</g></svg>"
    )
    mask = f"url(data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()})"
    style = f"width:{side}px;height:{side}px;mask-image:{mask};-webkit-mask-image:{mask}"
    return f'<span class="zoo-drawn" role="img" aria-label="{escape(alt, quote=True)}" style="{style}"></span>'


def _line(stroke: Any) -> str:
    points = [(float(x), float(y)) for x, y in stroke] * (2 if len(stroke) == 1 else 1)  # a tap is a dot
    return "<polyline points='" + " ".join(f"{x:g},{y:g}" for x, y in points) + "'/>"
