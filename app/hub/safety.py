"""Error handling for the pages.

What a part, a fragment or a callback raises becomes one sentence, and the log gets the traceback.

Streamlit's own error box is never shown, and the visitor's input stays in the session.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import streamlit as st

from app.hub.text_blocks import notice
from models.errors import ZooError

BROKEN = "Something went wrong on our side. Your input is still here; try again or change it."
FAILED = "callback-failed"  # the sentence of a callback that failed, until it is shown

log = logging.getLogger("zoo")


def error_sentence(error: Exception) -> str:
    """The sentence to show for an error: a ZooError's own.

    For any other a general one, with the traceback in the log.
    """
    if isinstance(error, ZooError):
        return str(error)
    log.error("A part of a page failed", exc_info=error)
    return BROKEN


@contextmanager
def contained() -> Iterator[None]:
    """Show a sentence in place of a part of the page that raises; the rest of the page is drawn."""
    try:
        yield
    except Exception as error:  # st.stop and st.rerun raise BaseExceptions, which pass
        notice(error_sentence(error))


def fragment(draw: Callable[..., None], run_every: float | None = None) -> Callable[..., None]:
    """`st.fragment` with its body contained; the sentence of a failed callback comes first.

    run_every: seconds after which it is drawn again, over and over.
    """

    @wraps(draw)
    def drawn(*args: Any, **kwargs: Any) -> None:
        show_failed_callback()
        with contained():
            draw(*args, **kwargs)

    return st.fragment(drawn, run_every=run_every)


def guarded(callback: Callable[..., None]) -> Callable[..., None]:
    """Wrap a widget's callback: if it raises, the page is still drawn, with the sentence at the top."""

    @wraps(callback)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        try:
            callback(*args, **kwargs)
        except Exception as error:
            st.session_state[FAILED] = error_sentence(error)

    return wrapper


def show_failed_callback() -> None:
    """Show the sentence of a callback that failed in this run, if one did."""
    if FAILED in st.session_state:
        notice(st.session_state.pop(FAILED))


def on_script_error(error: Exception) -> bool:
    """Handle what nothing else caught, for `st.App`. Returns True: Streamlit has logged it and shows no error box."""
    notice(str(error) if isinstance(error, ZooError) else BROKEN)
    return True
