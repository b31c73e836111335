"""The visitor's text, one for each text task, stored for this visit only; a link contains it as `text=`."""

from dataclasses import dataclass
from urllib.parse import quote_plus

import streamlit as st

from models.task import Task

ADDRESS = "text"
MAX_LETTERS = 100_000  # that a field accepts; the input kind limits how many are read
MAX_ADDRESS_LETTERS = 2_000  # of the text in the address, URL-encoded


@dataclass
class TextState:
    """The text in the field.

    revision: the number of texts that the server put there; last_address: the last text in the address.
    """

    text: str = ""
    revision: int = 0
    last_address: str = ""


def state(task: Task) -> TextState:
    """This visit's text; the one in the address if that has changed (a link, or Back)."""
    state = _state(task)
    address = _address()
    if address and address != state.last_address and address != state.text.strip():
        state.text = address
        state.revision += 1
    state.last_address = address
    return state


def update(task: Task, text: str, revision: int) -> None:
    """Store what was typed; the address may lag behind and is ignored."""
    state = _state(task)
    if revision != state.revision:
        return  # typed before the server replaced the text
    state.text = text[:MAX_LETTERS].encode("utf-8", "replace").decode()  # half a surrogate pair cannot be sent back
    state.last_address = _address()


def fits(task: Task) -> bool:
    """Whether this visit's text fits into the address, and so into a link; `field.js` encodes it in the same way."""
    return len(quote_plus(_state(task).text.strip(), safe="!~*()")) <= MAX_ADDRESS_LETTERS


def _state(task: Task) -> TextState:
    return st.session_state.setdefault(f"typed-{task.slug}", TextState())


def _address() -> str:
    return st.query_params.get(ADDRESS, "")[:MAX_LETTERS]
