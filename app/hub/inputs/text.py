"""Text: a field that answers as one types, and in each model's column the text as that model read it."""

from hashlib import sha256
from html import escape
from typing import Any

import streamlit as st

from app.hub.answers import ask
from app.hub.answers.belief import belief
from app.hub.answers.reading import reading
from app.hub.components.field import field
from app.hub.components.link import link
from app.hub.inputs import typed
from app.hub.safety import contained
from models.catalog import Model
from models.evidence import Evidence
from models.inputs import text
from models.inputs.text import Text
from models.task import Task

OVERLAID = False
LONG = 24  # letters


def given(task: Task) -> Text | None:
    """What stands in the field; None while it is empty."""
    said = typed.kept(task).text
    return text.read(said) if said.strip() else None


def which(task: Task) -> str:
    """The text itself, short."""
    return sha256(typed.kept(task).text.strip().encode()).hexdigest()


def problem(task: Task) -> str:
    """Nothing that is typed is refused on its way in."""
    return ""


def show(task: Task, evidence: tuple[Evidence, str] | None = None) -> None:
    """The field with the examples under it, and its link beside it or, on a phone, below."""
    with st.container(horizontal=True, gap="small", key="typed"):
        with contained():
            field(task)
        with contained():
            link(task, problem="" if typed.fits(task) else "Too long for a link")


def column(model: Model, raw: Any, label: str, colour: str) -> str:
    """The text as the model read it, coloured by what spoke for `label`, and what it believed letter by letter."""
    seen = ask.seen(model, raw)
    return reading(seen.typed, seen.parts, seen.evidence, label) + belief(seen.parts, seen.belief, label, colour)


def example(raw: Any, says: str, side: int = 96) -> str:
    """The text itself; a sentence is smaller than a name."""
    long = " long" if len(raw) > LONG else ""
    return f'<span class="zoo-typed{long}" title="{escape(says, quote=True)}">{escape(raw)}</span>'


def take(task: Task, raw: Any) -> dict[str, str]:
    """A text comes into the field by the address, as one that a link brings."""
    return {typed.ADDRESS: raw}
