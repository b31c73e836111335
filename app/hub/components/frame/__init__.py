"""The photo frame: a photo is chosen, dropped or pasted."""

from typing import Any

import streamlit as st

from app.hub import phrases
from app.hub.components.assets import component
from app.hub.inputs import photo
from models.errors import ZooError
from models.examples import photos
from models.inputs.picture import MAX_BYTES, decode_base64
from models.task import Task

KEY = "frame"


def frame(task: Task, evidence: dict[str, Any] | None = None) -> None:
    """Draw the frame with the examples beside it; evidence (`answers/evidence.py`) is drawn over the photo."""
    titles = [title for title, _ in photos(task)]

    def show_example() -> None:
        number = _value("example")
        if isinstance(number, int) and 0 <= number < len(titles):
            photo.take(photos(task)[number][1])

    component("frame", "pad_shapes.js", "files.js")(
        key=KEY,
        data={
            "picture": photo.state().address,
            "prompt": phrases.capitalized(task.prompt.removesuffix(" here")),
            "examples": [{"title": title, "address": photo.thumbnail(task, i)} for i, title in enumerate(titles)],
            "evidence": evidence,
            "limit": MAX_BYTES,
        },
        on_file_change=_take,
        on_example_change=show_example,
        on_clear_change=_clear,
    )


def _value(name: str) -> Any:
    return st.session_state[KEY].get(name)


def _take() -> None:
    data = _value("file")
    if isinstance(data, str):
        try:
            photo.take(decode_base64(data))
        except ZooError as error:
            photo.refuse(error)


def _clear() -> None:
    if _value("clear"):
        photo.clear()
