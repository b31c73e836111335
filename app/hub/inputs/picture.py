"""Pictures: a frame to drop, paste or choose a photo into, and the camera."""

from html import escape
from typing import Any

import streamlit as st

from app.hub.answers.evidence import overlay
from app.hub.components.frame import frame
from app.hub.components.link import link
from app.hub.inputs import camera, photo
from app.hub.safety import contained
from app.hub.say import aside
from models.catalog import Model
from models.evidence import Evidence
from models.inputs import picture
from models.inputs.picture import Picture
from models.task import Task

OVERLAID = True


def given(task: Task) -> Picture | None:
    """The photo, read once for all models; None while there is none."""
    return photo.kept().picture


def which(task: Task) -> str:
    """Which of the photos given it is."""
    return f"photo {photo.kept().given}"


def problem(task: Task) -> str:
    """What was wrong with the last photo given, if anything."""
    return photo.kept().problem


def show(task: Task, evidence: tuple[Evidence, str] | None = None) -> None:
    """The photo in its frame, and the camera."""
    shown = photo.kept().picture
    frame(task, overlay(*evidence, shown.size[::-1], task.display_name(evidence[1])) if evidence and shown else None)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="ways"):
        with contained():
            camera.camera(f"photo-{photo.kept().given}", photo.take)
        with contained():
            link(task)
    aside("Photos are held in this server's memory for this visit only, and are never part of a link.")


def column(model: Model, raw: Any, label: str, colour: str) -> str:
    """Nothing: what the model makes of the photo lies over the photo."""
    return ""


def example(raw: Any, says: str, side: int = 96) -> str:
    """A photo as a small picture."""
    source = photo.address(picture.read(raw).rgb, 2 * side)
    return f'<img src="{source}" alt="{escape(says, quote=True)}" style="height:{side}px;border-radius:8px">'


def take(task: Task, raw: Any) -> dict[str, str]:
    """A photo stands in the frame, in place of the one before."""
    photo.take(raw)
    return {}
