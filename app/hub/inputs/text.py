"""Text: a field that is answered during typing; each model's column shows the text as that model read it."""

from hashlib import sha256
from typing import Any

import streamlit as st

from app.hub.answers import ask, belief
from app.hub.answers.reading import reading
from app.hub.components.field import field
from app.hub.components.link import link
from app.hub.inputs import typed
from app.hub.markup import escape
from app.hub.safety import contained
from models.catalog import Model
from models.evidence import Evidence
from models.inputs import text
from models.inputs.text import Text
from models.task import Task

OVERLAID = False
BESIDE = False
LONG = 24  # letters


def current(task: Task) -> Text | None:
    """The text in the field; None while it is empty."""
    typed_text = typed.state(task).text
    return text.read(typed_text) if typed_text.strip() else None


def input_id(task: Task) -> str:
    """A hash of the text."""
    return sha256(typed.state(task).text.strip().encode()).hexdigest()


def problem(task: Task) -> str:
    """Empty: the field accepts any text."""
    return ""


def show(task: Task, evidence: tuple[Evidence, str] | None = None) -> None:
    """Draw the field with the examples under it, and the link beside it or, on a phone, below."""
    with st.container(horizontal=True, gap="small", key="typed"):
        with contained():
            field(task)
        with contained():
            link(task, problem="" if typed.fits(task) else "Too long for a link")


def column(model: Model, raw: Any, label: str, colour: str) -> str:
    """The text as the model read it, with the evidence for `label` and its probability token by token."""
    result = ask.read_text(model, raw)
    chart = belief.chart(result.tokens, result.belief, label, colour)
    return reading(result.typed, result.tokens, result.evidence, label) + chart


def example(task: Task, raw: Any, alt: str, side: int) -> str:
    """The text itself; long texts in smaller type."""
    long = " long" if len(raw) > LONG else ""
    return f'<span class="zoo-typed{long}" title="{escape(alt, quote=True)}">{escape(raw)}</span>'


def set_input(task: Task, raw: Any) -> dict[str, str]:
    """The text is put into the field by the address, like the text of a link."""
    return {typed.ADDRESS: raw}
