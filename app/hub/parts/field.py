"""The text field: our own component. Streamlit's has no focus of its own, and its examples would make history entries."""

import streamlit as st

from app.hub.parts import typed
from app.hub.parts.assets import component
from models.task import Task

EXAMPLES = 6


def field(task: Task) -> None:
    """The field with the task's examples under it."""
    kept = typed.kept(task)
    key = f"field-{task.slug}"

    def keep() -> None:
        said = st.session_state[key].get("typed") or {}
        if isinstance(said.get("text"), str):
            typed.keep(task, said["text"], said.get("revision"))

    component("field")(
        key=key,
        data={
            "text": kept.text,
            "revision": kept.revision,
            "prompt": task.prompt,
            "most": typed.MOST,
            "longest": typed.LONGEST,
            "examples": [example.raw for example in task.examples[:EXAMPLES]],
        },
        on_typed_change=keep,
    )
