"""The text field. Streamlit's own cannot take the focus on load, and examples would create history entries."""

import streamlit as st

from app.hub import phrases
from app.hub.components.assets import component
from app.hub.inputs import typed
from models.task import Task

MAX_EXAMPLES = 6
MAX_EXAMPLE_LETTERS = 150  # of all examples together: two rows


def field(task: Task) -> None:
    """Draw the field with the task's examples under it."""
    state = typed.state(task)
    key = f"field-{task.slug}"

    def update() -> None:
        value = st.session_state[key].get("typed")
        if isinstance(value, dict) and isinstance(value.get("text"), str):
            typed.update(task, value["text"], value.get("revision"))

    component("field")(
        key=key,
        data={
            "text": state.text,
            "revision": state.revision,
            "prompt": phrases.capitalized(task.prompt),
            "maxLetters": typed.MAX_LETTERS,
            "maxAddressLetters": typed.MAX_ADDRESS_LETTERS,
            "examples": _fitting([example.raw for example in task.examples[:MAX_EXAMPLES]]),
        },
        on_typed_change=update,
    )


def _fitting(texts: list[str]) -> list[str]:
    """The first texts that fit into MAX_EXAMPLE_LETTERS."""
    return [text for at, text in enumerate(texts) if sum(map(len, texts[: at + 1])) <= MAX_EXAMPLE_LETTERS]
