"""The camera, in a popover: the browser asks for permission only when it is opened."""

from collections.abc import Callable

import streamlit as st

from app.hub.safety import guarded


def camera(id: str, on_photo: Callable[[bytes], None]) -> None:
    """Draw the button.

    on_photo: called with the file of a photo; id: another one after each photo, so that the next starts empty.
    """
    key = f"camera-{id}"

    def send() -> None:
        photo = st.session_state.get(key)
        if photo is not None:
            on_photo(photo.getvalue())

    with st.popover("Take a photo", icon=":material/photo_camera:", key=f"popover-{key}"):
        st.camera_input(
            "Your camera", key=key, on_change=guarded(send), resolution="720p", label_visibility="collapsed"
        )
