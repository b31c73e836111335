"""The visitor's text: one for each text task, kept for this visit only; a link brings it along as `text=`."""

from dataclasses import dataclass
from urllib.parse import quote_plus

import streamlit as st

from models.task import Task

ADDRESS = "text"
MAX_LETTERS = 100_000  # letters a field takes; how many of them are read, the input kind says
MAX_ADDRESS_LETTERS = 2_000  # of the text in the address, as it is written there


@dataclass
class Kept:
    """What is in the field. revision: counts what the server put there; seen: what the address said last."""

    text: str = ""
    revision: int = 0
    seen: str = ""


def kept(task: Task) -> Kept:
    """This visit's text. The address wins when it is another than last time: a link, or Back."""
    here = _here(task)
    address = _address()
    if address and address != here.seen and address != here.text.strip():
        here.text = address
        here.revision += 1
    here.seen = address
    return here


def keep(task: Task, text: str, revision: int) -> None:
    """What the field says was typed; the address may be behind it, and is not asked."""
    here = _here(task)
    if revision != here.revision:
        return  # typed over what the server has replaced since
    here.text = text[:MAX_LETTERS].encode("utf-8", "replace").decode()  # half a surrogate pair cannot be sent back
    here.seen = _address()


def fits(task: Task) -> bool:
    """Whether this visit's text stands in the address, and so in a link; `field.js` writes it there, encoded like this."""
    return len(quote_plus(_here(task).text.strip(), safe="!~*()")) <= MAX_ADDRESS_LETTERS


def _here(task: Task) -> Kept:
    return st.session_state.setdefault(f"typed-{task.slug}", Kept())


def _address() -> str:
    return st.query_params.get(ADDRESS, "")[:MAX_LETTERS]
