"""The visitor's drawing, shared by all ink tasks and stored for this visit only."""

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from app.hub.inputs import ink_code
from models.errors import ZooError
from models.inputs import ink
from models.inputs.ink import Drawing
from models.inputs.strokes import PEN

KEY = "drawing"
ADDRESS = "ink"


@dataclass
class DrawingState:
    """What is on the pad: strokes or an uploaded picture.

    revision: the number of drawings that the server put on the pad, so that the pad knows when to load one.
    picture: the decoded upload (the file itself is not stored); drawing or clearing removes it.
    uploads: the number of uploaded files, readable or not; problem: what was wrong with the last one.
    last_link: the `ink` parameter of the last link that was opened.
    """

    strokes: list[Any] = field(default_factory=list)
    pen: float = PEN
    revision: int = 0
    picture: Drawing | None = None
    uploads: int = 0
    problem: str = ""
    last_link: str = ""

    @property
    def raw(self) -> Any:
        """The input for a predictor; None while the pad is empty."""
        if self.picture is not None:
            return self.picture
        return {"strokes": self.strokes, "pen": self.pen} if self.strokes else None


def state() -> DrawingState:
    """This visit's drawing."""
    return st.session_state.setdefault(KEY, DrawingState())


def open_link() -> None:
    """Put the drawing of a link on the pad, once, so that the address does not undo later strokes.

    If it is damaged, the pad is emptied.
    """
    drawing, letters = state(), st.query_params.get(ADDRESS, "")
    if not letters or letters == drawing.last_link:
        return
    drawing.last_link = letters
    try:
        linked = ink_code.decode(letters)
    except ZooError as error:
        put([], PEN)
        drawing.problem = str(error)
    else:
        put(linked["strokes"], linked["pen"])


def put(strokes: list[Any], pen: float) -> None:
    """Replace the drawing from the server."""
    draw(strokes, pen)
    state().revision += 1


def draw(strokes: list[Any], pen: float) -> None:
    """Store what was drawn on the pad; it replaces a picture."""
    drawing = state()
    drawing.strokes, drawing.pen, drawing.picture, drawing.problem = strokes, pen, None, ""


def upload(data: bytes) -> None:
    """Replace the drawing with a picture. One that cannot be read keeps the strokes but removes an earlier picture."""
    drawing = state()
    drawing.uploads += 1
    try:
        drawing.picture = ink.read(data)
    except ZooError as error:
        drawing.picture, drawing.problem = None, str(error)
        return
    drawing.strokes, drawing.problem = [], ""
    drawing.revision += 1
