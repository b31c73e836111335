"""The drawing pad. Its drawing survives leaving the page (see `inputs/drawing.py`)."""

from typing import Any

import streamlit as st

from app.hub import phrases
from app.hub.components.assets import component
from app.hub.inputs import drawing
from models.errors import ZooError
from models.inputs.picture import MAX_BYTES, decode_base64
from models.inputs.strokes import PEN
from models.task import Task

KEY = "pad"


def pad(task: Task, evidence: dict[str, Any] | None = None, picture: str | None = None) -> None:
    """Draw the pad with the task's examples beside it.

    evidence: of `answers/evidence.py`; picture: the data address of an upload.
    """
    state = drawing.state()
    component("pad", "pad_shapes.js", "files.js")(
        key=KEY,
        data={
            "strokes": state.strokes,
            "pen": state.pen,
            "revision": state.revision,
            "prompt": phrases.capitalized(task.prompt),
            "examples": [_example(example.title, example.raw) for example in task.examples[:3]],
            "evidence": evidence,
            "picture": picture,
            "limit": MAX_BYTES,
        },
        on_drawing_change=_update,
        on_file_change=_take,
    )


def _update() -> None:
    value = st.session_state[KEY].get("drawing")
    if not isinstance(value, dict) or value.get("revision") != drawing.state().revision:
        return  # drawn before the server replaced the drawing by an upload
    strokes, pen = value.get("strokes"), value.get("pen")
    if isinstance(strokes, list) and isinstance(pen, int | float):
        drawing.draw(strokes, pen)


def _take() -> None:
    file = st.session_state[KEY].get("file")  # an image that was pasted or dropped
    if isinstance(file, str):
        try:
            data = decode_base64(file)
        except ZooError as error:
            drawing.state().problem = str(error)
        else:
            drawing.upload(data)


def _example(title: str, raw: Any) -> dict[str, Any]:
    strokes = raw["strokes"] if isinstance(raw, dict) else raw
    pen = raw.get("pen", PEN) if isinstance(raw, dict) else PEN
    return {"title": title, "strokes": strokes, "pen": pen}
