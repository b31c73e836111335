"""The camera as a way in, folded away until it is wanted: only then does the browser ask whether it may be used."""

from collections.abc import Callable

import streamlit as st

from app.hub.safety import guarded


def camera(turn: str, take: Callable[[bytes], None]) -> None:
    """The button; `take` gets the file of a photo. turn: changes with each photo taken, so that the next one starts empty."""
    key = f"camera-{turn}"

    def keep() -> None:
        taken = st.session_state.get(key)
        if taken is not None:
            take(taken.getvalue())

    with st.popover("Take a photo", icon=":material/photo_camera:", key=f"popover-{key}"):
        st.camera_input(
            "Your camera", key=key, on_change=guarded(keep), resolution="720p", label_visibility="collapsed"
        )
