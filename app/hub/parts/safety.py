"""The net under the pages: whatever a part, a fragment or a callback raises becomes one calm sentence, and the log has the traceback.

Streamlit's own error box is never shown, and what the visitor gave stays in the session.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import streamlit as st

from app.hub.parts.say import sentence
from models.errors import ZooError

BROKEN = "Something went wrong on our side. Your input is kept: try again, or reload the page."
FAILED = "callback-failed"  # the sentence of a callback that failed, until it is shown

log = logging.getLogger("zoo")


def explained(error: Exception) -> str:
    """The sentence for an error: its own where it is meant for people; else the log gets the traceback."""
    if isinstance(error, ZooError):
        return str(error)
    log.error("A part of a page failed", exc_info=error)
    return BROKEN


@contextmanager
def contained() -> Iterator[None]:
    """A part of a page: what it raises is shown as a sentence in its place, and the page goes on."""
    try:
        yield
    except Exception as error:  # st.stop and st.rerun are no Exceptions
        sentence(explained(error))


def fragment(draw: Callable[..., None]) -> Callable[..., None]:
    """`st.fragment` for a function that may fail, after a callback that may have failed."""

    @wraps(draw)
    def drawn(*args: Any, **kwargs: Any) -> None:
        show_failed_callback()
        with contained():
            draw(*args, **kwargs)

    return st.fragment(drawn)


def guarded(callback: Callable[..., None]) -> Callable[..., None]:
    """A widget's callback that may fail. The page is drawn all the same, with the sentence at its top."""

    @wraps(callback)
    def called(*args: Any, **kwargs: Any) -> None:
        try:
            callback(*args, **kwargs)
        except Exception as error:
            st.session_state[FAILED] = explained(error)

    return called


def show_failed_callback() -> None:
    """The sentence of a callback that failed in this run, if one did."""
    if FAILED in st.session_state:
        sentence(st.session_state.pop(FAILED))


def on_script_error(error: Exception) -> bool:
    """For `st.App`: what no part has contained. True: Streamlit, which has logged it, shows no box."""
    sentence(str(error) if isinstance(error, ZooError) else BROKEN)
    return True
