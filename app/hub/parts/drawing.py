"""The visitor's drawing: one for all ink tasks, kept for this visit only, so that it follows from page to page."""

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

PEN = 18
KEY = "drawing"


@dataclass
class Kept:
    """What is on the pad: strokes, or else a picture that was uploaded.

    revision: counts what the server laid on the pad, so that the pad knows when to take it over.
    picture: the uploaded file's bytes; drawing or clearing puts it away.
    """

    strokes: list[Any] = field(default_factory=list)
    pen: float = PEN
    revision: int = 0
    picture: bytes | None = None

    @property
    def raw(self) -> Any:
        """What a predictor reads; None while the pad is empty."""
        if self.picture is not None:
            return self.picture
        return {"strokes": self.strokes, "pen": self.pen} if self.strokes else None


def kept() -> Kept:
    """This visit's drawing."""
    return st.session_state.setdefault(KEY, Kept())


def draw(strokes: list[Any], pen: float) -> None:
    """What the pad says was drawn; a picture makes room for it."""
    drawing = kept()
    drawing.strokes, drawing.pen, drawing.picture = strokes, pen, None


def show_picture(data: bytes) -> None:
    """An uploaded picture takes the drawing's place."""
    drawing = kept()
    drawing.strokes, drawing.picture = [], data
    drawing.revision += 1
