"""Ink: the pad, and a picture of a character as the other way in."""

from typing import Any

import numpy as np
import streamlit as st

from app.hub.parts import drawing, markup
from app.hub.parts.evidence import overlay
from app.hub.parts.pad import pad
from models.errors import ZooError
from models.evidence import Evidence
from models.inputs import ink
from models.inputs.ink import Drawing
from models.task import Task

TYPES = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff"]


def given(task: Task) -> Any:
    """The drawing, or the picture that took its place, read once for all models; None while there is neither."""
    raw = drawing.kept().raw
    return None if raw is None else ink.read(raw)


def show(task: Task, evidence: tuple[Evidence, str, Any] | None = None) -> None:
    """The pad with what lies on it, and the upload."""
    picture = _picture()
    laid = None
    if evidence is not None:
        spoke, label, read = evidence
        laid = overlay(spoke, label, None if read.strokes is not None else _size(read))
    pad(task, laid, picture)
    _upload()


def example(raw: Any, says: str, side: int = 96) -> str:
    """Strokes as a small picture."""
    return markup.drawn(raw, says, side)


def _upload() -> None:
    kept = drawing.kept()
    key = f"upload-{kept.revision}"

    def keep() -> None:
        file = st.session_state.get(key)
        if file is not None:
            drawing.show_picture(file.getvalue())

    with st.popover("upload a picture", icon=":material/upload:"):
        st.file_uploader("A photo or scan of one character", type=TYPES, key=key, on_change=keep)
        st.caption("The picture stays in this server's memory for this visit only.")


def _picture() -> str | None:
    """The uploaded picture as it was read: its ink on white paper."""
    raw = drawing.kept().picture
    if raw is None:
        return None
    try:
        read = ink.read(raw)
    except ZooError:
        return None  # the sentence stands where the answers would
    return markup.png(np.round(255 * (1 - read.ink)).astype(np.uint8))


def _size(read: Drawing) -> tuple[int, int]:
    height, width = read.ink.shape
    return round(height * read.scale), round(width * read.scale)
