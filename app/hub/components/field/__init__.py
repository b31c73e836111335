"""The text field: our own component. Streamlit's has no focus of its own, and its examples would make history entries."""

import streamlit as st

from app.hub import phrases
from app.hub.components.assets import component
from app.hub.inputs import typed
from models.task import Task

EXAMPLES = 6  # at most
ROOM = 150  # letters of all examples together: two rows


def field(task: Task) -> None:
    """The field with the task's examples under it."""
    kept = typed.state(task)
    key = f"field-{task.slug}"

    def keep() -> None:
        said = st.session_state[key].get("typed") or {}
        if isinstance(said.get("text"), str):
            typed.update(task, said["text"], said.get("revision"))

    component("field")(
        key=key,
        data={
            "text": kept.text,
            "revision": kept.revision,
            "prompt": phrases.capitalized(task.prompt),
            "most": typed.MAX_LETTERS,
            "longest": typed.MAX_ADDRESS_LETTERS,
            "examples": _few([example.raw for example in task.examples[:EXAMPLES]]),
        },
        on_typed_change=keep,
    )


def _few(texts: list[str]) -> list[str]:
    """The first texts that fit into ROOM letters."""
    return [text for at, text in enumerate(texts) if sum(map(len, texts[: at + 1])) <= ROOM]
