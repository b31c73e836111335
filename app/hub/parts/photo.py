"""The visitor's photo: one for all tasks of pictures, kept for this visit only, so that it follows from page to page."""

import base64
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from models.errors import ZooError
from models.home import data_root
from models.inputs import picture
from models.inputs.picture import Picture
from models.task import Task

KEY = "photo"
SHOWN = 720  # pixels, the longer side of the photo on the page
THUMBNAIL = 128
EXAMPLES = 3


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
        here.problem = str(error)
        return
    here.address, here.problem = address(here.picture.rgb, SHOWN), ""


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


def examples(task: Task) -> list[tuple[str, Any]]:
    """Photos to try, (title, raw): of the task's test part where the data root has it, else those that travel with the task."""
    root = data_root()
    found = list(_photos(root, task.datasets[0], task.labels)) if root and task.datasets else []
    return found or [(example.title, example.raw) for example in task.examples[:EXAMPLES]]


@cache
def thumbnail(task: Task, index: int) -> str:
    """An example of the task as a small picture's address."""
    return address(picture.read(examples(task)[index][1]).rgb, THUMBNAIL)


@cache
def _photos(root: Path, dataset: str, labels: tuple[str, ...]) -> tuple[tuple[str, Path], ...]:
    """The first photo of some of the labels; none of them is named, that is the question.

    A task may have come from elsewhere: what is no plain name leads out of the data root, and is not followed.
    """
    if any(Path(name).name != name for name in (dataset, *labels)):
        return ()
    firsts = [next(iter(sorted((root / dataset / "test" / label).glob("*.jpg"))), None) for label in labels]
    there = [path for path in firsts if path]
    chosen = there[:: max(1, len(there) // EXAMPLES)][:EXAMPLES]
    return tuple((f"a photo, number {number}", path) for number, path in enumerate(chosen, 1))
