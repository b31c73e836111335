"""A select box whose options depend on an answer and may change with every stroke."""

import zlib
from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from app.hub.safety import guarded

Option = TypeVar("Option")


def choice(
    label: str,
    options: Sequence[Option],
    name: str,
    format_option: Callable[[Option], str],
    select: Callable[[Option], None],
    first: int | None = None,
    placeholder: str | None = None,
    width: int | str = "stretch",
) -> None:
    """Draw the select box.

    name: of the box for this input; a different input needs a different name. The box keeps its state for exactly these
        options: Streamlit would carry a value over to other options, as a string that is none of them.
    format_option: an option as people read it. select: called with the option that was picked. first: the index of the
        option that is selected at first, None for none.
    """
    shown = [format_option(option) for option in options]
    key = f"{name}-{zlib.crc32(repr(shown).encode()):08x}"

    def picked() -> None:
        if (index := st.session_state.get(key)) in range(len(options)):
            select(options[index])

    st.selectbox(
        label,
        range(len(options)),
        index=first,
        key=key,
        format_func=shown.__getitem__,
        on_change=guarded(picked),
        placeholder=placeholder,
        label_visibility="collapsed",
        width=width,
    )
