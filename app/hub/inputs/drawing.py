"""The visitor's drawing: one for all ink tasks, kept for this visit only, so that it follows from page to page."""

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from app.hub.inputs import ink_code
from models.errors import ZooError
from models.inputs import ink
from models.inputs.ink import PEN, Drawing

KEY = "drawing"
ADDRESS = "ink"


@dataclass
class Kept:
    """What is on the pad: strokes, or else a picture that was uploaded.

    revision: counts what the server laid on the pad, so that the pad knows when to take it over.
    picture: what was read of the upload (the file itself is not kept); drawing or clearing puts it away.
    uploads: how many files were given, good or bad; problem: what was wrong with the last one.
    seen: the letters of the last link that was followed.
    """

    strokes: list[Any] = field(default_factory=list)
    pen: float = PEN
    revision: int = 0
    picture: Drawing | None = None
    uploads: int = 0
    problem: str = ""
    seen: str = ""

    @property
    def raw(self) -> Any:
        """What a predictor reads; None while the pad is empty."""
        if self.picture is not None:
            return self.picture
        return {"strokes": self.strokes, "pen": self.pen} if self.strokes else None


def kept() -> Kept:
    """This visit's drawing."""
    return st.session_state.setdefault(KEY, Kept())


def follow() -> None:
    """Lay the drawing of a link on the pad, once: what is drawn later is not undone by the address. A damaged one empties the pad."""
    drawing, letters = kept(), st.query_params.get(ADDRESS, "")
    if not letters or letters == drawing.seen:
        return
    drawing.seen = letters
    try:
        laid = ink_code.decode(letters)
    except ZooError as error:
        lay([], PEN)
        drawing.problem = str(error)
    else:
        lay(laid["strokes"], laid["pen"])


def lay(strokes: list[Any], pen: float) -> None:
    """What the server lays on the pad, in place of what was drawn."""
    draw(strokes, pen)
    kept().revision += 1


def draw(strokes: list[Any], pen: float) -> None:
    """What the pad says was drawn; a picture makes room for it."""
    drawing = kept()
    drawing.strokes, drawing.pen, drawing.picture, drawing.problem = strokes, pen, None, ""


def upload(data: bytes) -> None:
    """A picture takes the drawing's place; one that cannot be read leaves what was drawn, but no former picture's answer."""
    drawing = kept()
    drawing.uploads += 1
    try:
        drawing.picture = ink.read(data)
    except ZooError as error:
        drawing.picture, drawing.problem = None, str(error)
        return
    drawing.strokes, drawing.problem = [], ""
    drawing.revision += 1
