"""Ink: the pad, and a picture of a character as the other way in."""

from hashlib import sha256
from html import escape
from typing import Any

import numpy as np
import streamlit as st

from app.hub import links, markup
from app.hub.answers.evidence import overlay
from app.hub.components.link import link
from app.hub.components.pad import pad
from app.hub.inputs import camera, drawing, ink_code
from app.hub.markup import plain
from app.hub.safety import contained, guarded
from app.hub.say import aside
from models import catalog
from models.catalog import Model
from models.evidence import Evidence
from models.inputs import ink
from models.inputs.ink import Drawing
from models.task import Task

OVERLAID = True
TYPES = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff"]

OTHERS = 2  # tasks that a drawing is offered to


def given(task: Task) -> Drawing | None:
    """The drawing, or the picture that took its place, read once for all models; None while there is neither."""
    drawing.follow()
    raw = drawing.kept().raw
    return None if raw is None else ink.read(raw)


def which(task: Task) -> str:
    """The strokes, short, or which of the uploads it is."""
    kept = drawing.kept()
    if kept.picture is not None:
        return f"upload {kept.uploads}"
    return sha256(repr((kept.strokes, kept.pen)).encode()).hexdigest()


def problem(task: Task) -> str:
    """What was wrong with the last picture given, if anything."""
    return drawing.kept().problem


def show(task: Task, evidence: tuple[Evidence, str] | None = None) -> None:
    """The pad with what lies on it, and the upload."""
    picture = drawing.kept().picture
    laid = overlay(*evidence, _size(picture), task.display_name(evidence[1])) if evidence else None
    pad(task, laid, _address(picture))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="ways"):
        with contained():
            _upload()
        with contained():
            camera.camera(f"ink-{drawing.kept().uploads}", drawing.upload)
        with contained():
            _elsewhere(task)
        with contained():
            _link(task)


def column(model: Model, raw: Any, label: str, colour: str) -> str:
    """Nothing: what the model makes of the drawing lies over the drawing."""
    return ""


def example(raw: Any, says: str, side: int = 96) -> str:
    """Strokes, or the bytes of a picture of ink, as a small picture."""
    if not isinstance(raw, bytes):
        ink.read(raw)  # a task from elsewhere may call anything strokes
        return markup.drawn(raw, says, side)
    source = _address(ink.read(raw))
    return f'<img src="{source}" alt="{escape(says, quote=True)}" width="{side}" height="{side}" style="border-radius:8px">'


def take(task: Task, raw: Any) -> dict[str, str]:
    """Strokes or a picture's bytes lie on the pad, in place of what was drawn."""
    if isinstance(raw, bytes):
        drawing.upload(raw)
    else:
        drawing.lay(raw["strokes"], raw["pen"])
    return {}


def _upload() -> None:
    key = f"upload-{drawing.kept().uploads}"  # a new one after each file, so that the next starts empty

    def keep() -> None:
        file = st.session_state.get(key)
        if file is not None:
            drawing.upload(file.getvalue())

    with st.popover("Upload", icon=":material/upload:", key=f"popover-{key}"):
        st.file_uploader("A photo or scan of one character", type=TYPES, key=key, on_change=guarded(keep))
        aside("You can also drop or paste an image on the pad. It is held in this server's memory for this visit only.")


def _elsewhere(task: Task) -> None:
    """The pages that read the same drawing as something else; it goes along."""
    others = [other for other in catalog.tasks().values() if other.input == task.input and other.slug != task.slug]
    for other in [other for other in others if catalog.models(other.slug)][:OTHERS]:
        st.page_link(links.task(other), label=f"Read as {plain(other.noun)}")


def _link(task: Task) -> None:
    """A link that brings the drawing along; an uploaded picture stays here."""
    kept = drawing.kept()
    letters = ink_code.encode(kept.strokes, kept.pen) if kept.strokes else ""
    link(task, letters, "Too long for a link" if kept.strokes and not letters else "")


def _address(picture: Drawing | None) -> str | None:
    """An uploaded picture as it was read: its ink on white paper."""
    return None if picture is None else markup.png(np.round(255 * (1 - picture.ink)).astype(np.uint8))


def _size(picture: Drawing | None) -> tuple[int, int] | None:
    """Height and width of the upright original, in its own pixels."""
    return picture and (round(picture.ink.shape[0] * picture.scale), round(picture.ink.shape[1] * picture.scale))
