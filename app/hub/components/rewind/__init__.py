"""An answer with a slider over the moments of its model's training."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from app.hub.components.assets import component


def rewind(data: dict[str, Any], key: str, ask_evidence: Callable[[str], None]) -> None:
    """Draw the answer and the slider, which moves without the server.

    data: of `answers/rewind.py`. ask_evidence: called with the input's id when the evidence at all moments is wanted.
    """

    def wanted() -> None:
        value = st.session_state[key].get("wanted")
        if isinstance(value, str):
            ask_evidence(value)

    component("rewind", isolated=False)(key=key, data=data, on_wanted_change=wanted)
