"""The frame that a photo stands in: our own component, which takes one by a click, a drop or from the clipboard."""

from typing import Any

import streamlit as st

from app.hub import phrases
from app.hub.components.assets import component
from app.hub.inputs import photo
from models.errors import ZooError
from models.examples import photos
from models.inputs.picture import MAX_BYTES, decoded
from models.task import Task

KEY = "frame"


def frame(task: Task, evidence: dict[str, Any] | None = None) -> None:
    """The frame with the examples beside it; evidence (`answers/evidence.py`) lies over the photo."""
    titles = [title for title, _ in photos(task)]

    def chosen() -> None:
        number = _said("example")
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
        on_example_change=chosen,
        on_away_change=_away,
    )


def _said(name: str) -> Any:
    return st.session_state[KEY].get(name)


def _take() -> None:
    said = _said("file")
    if isinstance(said, str):
        try:
            photo.take(decoded(said))
        except ZooError as error:
            photo.refuse(error)


def _away() -> None:
    if _said("away"):
        photo.clear()
