"""The visitor's photo: one for all tasks of pictures, kept for this visit only, so that it follows from page to page."""

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
class Kept:
    """picture: what was read of the last photo that could be read (the file itself is not kept); address: it, for the page.

    problem: what was wrong with the last one given; given: how many were, good or bad.
    """

    picture: Picture | None = None
    address: str | None = None
    problem: str = ""
    given: int = 0


def kept() -> Kept:
    """This visit's photo."""
    return st.session_state.setdefault(KEY, Kept())


def take(raw: Any) -> None:
    """A photo takes the place of the one before; one that cannot be read leaves it where it is."""
    here = kept()
    here.given += 1
    try:
        here.picture = picture.read(raw)
    except ZooError as error:
        refuse(error)
        return
    here.address, here.problem = address(here.picture.rgb, SHOWN), ""


def refuse(error: ZooError) -> None:
    """What was given is no photo; the one before stays, and that is said."""
    kept().problem = str(error) + (" The previous photo is still shown." if kept().picture else "")


def put_away() -> None:
    """No photo any more."""
    st.session_state[KEY] = Kept(given=kept().given)


def address(rgb: np.ndarray, side: int) -> str:
    """A picture, uint8 (height, width, 3), as an address that holds it, at most `side` pixels long."""
    image = Image.fromarray(rgb)
    image.thumbnail((side, side))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"


@cache
def thumbnail(task: Task, index: int) -> str:
    """An example of the task as a small picture's address."""
    return address(picture.read(photos(task)[index][1]).rgb, THUMBNAIL)
