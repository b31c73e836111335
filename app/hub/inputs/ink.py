"""Ink: the drawing pad, or an image of a character."""

from hashlib import sha256
from typing import Any

import numpy as np
import streamlit as st

from app.hub import links, markup
from app.hub.answers.evidence import overlay
from app.hub.components.link import link
from app.hub.components.pad import pad
from app.hub.inputs import camera, drawing, ink_code
from app.hub.markup import escape, plain
from app.hub.safety import contained, guarded
from app.hub.text_blocks import caption
from models import catalog
from models.catalog import Model
from models.evidence import Evidence
from models.inputs import ink
from models.inputs.ink import Drawing
from models.task import Task

OVERLAID = True
BESIDE = True

MAX_LINKS = 1  # more would push the answer off a phone's screen


def current(task: Task) -> Drawing | None:
    """The drawing or the uploaded picture, read once for all models; None if there is neither."""
    drawing.open_link()
    raw = drawing.state().raw
    return None if raw is None else ink.read(raw)


def input_id(task: Task) -> str:
    """A hash of the strokes, or the number of the upload."""
    state = drawing.state()
    if state.picture is not None:
        return f"upload {state.uploads}"
    return sha256(repr((state.strokes, state.pen)).encode()).hexdigest()


def problem(task: Task) -> str:
    """What was wrong with the last upload, if anything."""
    return drawing.state().problem


def show(task: Task, evidence: tuple[Evidence, str] | None = None) -> None:
    """Draw the pad and the buttons under it."""
    picture = drawing.state().picture
    pad(task, overlaid(task, *evidence) if evidence else None, _address(picture))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="ways"):
        with contained():
            _upload()
        with contained():
            camera.camera(f"ink-{drawing.state().uploads}", drawing.upload)
        with contained():
            _other_tasks(task)
        with contained():
            _link(task)


def overlaid(task: Task, evidence: Evidence, label: str, strongest: float | None = None) -> dict[str, Any]:
    """The evidence as the pad draws it over the current input. strongest: see `overlay`."""
    name = task.display_name(label)
    return overlay(evidence, label, _size(drawing.state().picture), name, strongest) | {"input": input_id(task)}


def column(model: Model, raw: Any, label: str, colour: str) -> str:
    """Empty: the evidence is drawn over the drawing."""
    return ""


def example(task: Task, raw: Any, alt: str, side: int) -> str:
    """Strokes, or the bytes of an image of ink, as a small picture."""
    if not isinstance(raw, bytes):
        ink.read(raw)  # refuses invalid strokes, which a foreign task may contain
        return markup.drawing(raw, alt, side)
    source = _address(ink.read(raw))
    return (
        f'<img src="{source}" alt="{escape(alt, quote=True)}" width="{side}" height="{side}" style="border-radius:8px">'
    )


def set_input(task: Task, raw: Any) -> dict[str, str]:
    """Put strokes or an image on the pad."""
    if isinstance(raw, bytes):
        drawing.upload(raw)
    else:
        drawing.put(raw["strokes"], raw["pen"])
    return {}


def _upload() -> None:
    key = f"upload-{drawing.state().uploads}"  # a new key after each file, so that the next starts empty

    def send() -> None:
        file = st.session_state.get(key)
        if file is not None:
            drawing.upload(file.getvalue())

    with st.popover("Upload", icon=":material/upload:", key=f"popover-{key}"):
        st.file_uploader("A photo or scan of one character", key=key, on_change=guarded(send))
        caption(
            "You can also drop an image on the pad or paste it. It is kept in this server's memory for this visit only."
        )


def _other_tasks(task: Task) -> None:
    """Links to other tasks that read the same drawing."""
    others = [other for other in catalog.tasks().values() if other.input == task.input and other.slug != task.slug]
    for other in [other for other in others if catalog.models(other.slug)][:MAX_LINKS]:
        st.page_link(links.task(other), label=f"Read as {plain(other.noun)}")


def _link(task: Task) -> None:
    """The button that copies a link with the drawing; an uploaded picture is not part of it."""
    state = drawing.state()
    code = ink_code.encode(state.strokes, state.pen) if state.strokes else ""
    link(task, drawing.ADDRESS, code, "Too long for a link" if state.strokes and not code else "")


def _address(picture: Drawing | None) -> str | None:
    """The data address of an uploaded picture as it was read: its ink on white paper."""
    return None if picture is None else markup.png(np.round(255 * (1 - picture.ink)).astype(np.uint8))


def _size(picture: Drawing | None) -> tuple[int, int] | None:
    """Height and width of the upright original, in its own pixels."""
    return picture and (round(picture.ink.shape[0] * picture.scale), round(picture.ink.shape[1] * picture.scale))
