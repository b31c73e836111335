"""Text: a field that answers as one types, and examples to click."""

from html import escape
from typing import Any

import streamlit as st

from app.hub.parts import evidence as over
from app.hub.parts.markup import plain
from models.evidence import Evidence
from models.inputs import text
from models.inputs.text import Text
from models.task import Task

KEY = "text"  # in the address too: `?text=...`
EXAMPLES = 3


def given(task: Task) -> Text | None:
    """What stands in the field; None while it is empty."""
    typed = st.session_state.get(KEY, st.query_params.get(KEY, ""))
    return text.read(typed) if typed and typed.strip() else None


def problem(task: Task) -> str:
    """Nothing that is typed is refused on its way in."""
    return ""


def show(task: Task, evidence: tuple[Evidence, str] | None = None) -> None:
    """The field with the examples under it, and the text coloured by its evidence."""
    st.text_input(
        plain(task.prompt), key=KEY, placeholder=task.prompt, max_chars=text.MAX_LETTERS, live=True, bind="query-params"
    )
    with st.container(horizontal=True, gap="small", key="examples"):
        for example in task.examples[:EXAMPLES]:
            st.button(plain(example.raw), on_click=_type, args=(example.raw,), help="try this")
    if evidence is not None:
        read = given(task)
        st.html(over.coloured(read.typed, *evidence) if read else "")


def example(raw: Any, says: str, side: int = 96) -> str:
    """The text itself."""
    return f'<span class="zoo-typed" title="{escape(says, quote=True)}">{escape(raw)}</span>'


def _type(words: str) -> None:
    st.session_state[KEY] = words
