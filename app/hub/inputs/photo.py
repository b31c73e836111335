"""The visitor's photo, shared by all picture tasks and stored for this visit only."""

import base64
import io
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from models.errors import ZooError
from models.examples import photos
from models.inputs import picture
from models.inputs.picture import Picture
from models.task import Task

KEY = "photo"
SHOWN = 720  # pixels, the longer side of the photo on the page
THUMBNAIL = 128


@dataclass
class PhotoState:
    """picture: the last photo, if it could be read (the file itself is not stored).

    address: its data address for the page.

    problem: what was wrong with the last photo, if anything; count: the number of photos so far, readable or not.
    """

    picture: Picture | None = None
    address: str | None = None
    problem: str = ""
    count: int = 0


def state() -> PhotoState:
    """This visit's photo."""
    return st.session_state.setdefault(KEY, PhotoState())


def take(raw: Any) -> None:
    """Replace the photo; one that cannot be read removes the previous one, so that no answer to that one is left."""
    photo = state()
    photo.count += 1
    try:
        photo.picture = picture.read(raw)
    except ZooError as error:
        refuse(error)
        return
    photo.address, photo.problem = address(photo.picture.rgb, SHOWN), ""


def refuse(error: ZooError) -> None:
    """Record why a photo was refused, and remove the previous one."""
    st.session_state[KEY] = PhotoState(problem=str(error), count=state().count)


def clear() -> None:
    """Remove the photo."""
    st.session_state[KEY] = PhotoState(count=state().count)


def address(rgb: np.ndarray, side: int) -> str:
    """The data address of a picture, uint8 (height, width, 3), scaled to at most `side` pixels."""
    image = Image.fromarray(rgb)
    image.thumbnail((side, side))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"


@cache
def thumbnail(task: Task, index: int) -> str:
    """The data address of a small picture of an example of the task."""
    return address(picture.read(photos(task)[index][1]).rgb, THUMBNAIL)
