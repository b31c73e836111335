"""Pictures: a frame for a photo that is chosen, dropped or pasted, and the camera."""

from typing import Any

import streamlit as st

from app.hub.answers.evidence import overlay
from app.hub.components.frame import frame
from app.hub.components.link import link
from app.hub.inputs import camera, photo
from app.hub.markup import escape
from app.hub.safety import contained
from app.hub.text_blocks import caption
from models.catalog import Model
from models.evidence import Evidence
from models.inputs import picture
from models.inputs.picture import Picture
from models.task import Task

OVERLAID = True
BESIDE = True


def current(task: Task) -> Picture | None:
    """The photo, read once for all models; None if there is none."""
    return photo.state().picture


def input_id(task: Task) -> str:
    """The number of the photo."""
    return f"photo {photo.state().count}"


def problem(task: Task) -> str:
    """What was wrong with the last photo, if anything."""
    return photo.state().problem


def show(task: Task, evidence: tuple[Evidence, str] | None = None) -> None:
    """Draw the photo in its frame, the camera and the link."""
    frame(task, overlaid(task, *evidence) if evidence and photo.state().picture else None)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="ways"):
        with contained():
            camera.camera(f"photo-{photo.state().count}", photo.take)
        with contained():
            link(task)
    caption("Kept in memory for this visit only; never part of a link.")


def overlaid(task: Task, evidence: Evidence, label: str, strongest: float | None = None) -> dict[str, Any]:
    """The evidence as the frame draws it over the current photo. strongest: see `overlay`."""
    shown = photo.state().picture
    name = task.display_name(label)
    return overlay(evidence, label, shown.size[::-1] if shown else None, name, strongest) | {"input": input_id(task)}


def column(model: Model, raw: Any, label: str, colour: str) -> str:
    """Empty: the evidence is drawn over the photo."""
    return ""


def example(task: Task, raw: Any, alt: str, side: int) -> str:
    """A photo as a small picture."""
    source = photo.address(picture.read(raw).rgb, 2 * side)
    return f'<img src="{source}" alt="{escape(alt, quote=True)}" style="height:{side}px;border-radius:8px">'


def set_input(task: Task, raw: Any) -> dict[str, str]:
    """Put a photo into the frame."""
    photo.take(raw)
    return {}
