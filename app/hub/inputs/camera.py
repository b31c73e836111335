"""The camera, in a popover: the browser asks for permission only when it is opened."""

from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

import streamlit as st

from app import sentences
from app.hub.safety import guarded
from app.hub.text_blocks import caption


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
        if not is_secure(st.context.url):
            caption(sentences.NO_CAMERA)
            return
        st.camera_input(
            "Your camera", key=key, on_change=guarded(send), resolution="720p", label_visibility="collapsed"
        )


def is_secure(url: str | None) -> bool:
    """Whether browsers allow the camera on a page with this address; unknown ones are taken to be allowed."""
    parts = urlsplit(url or "https:")
    host = parts.hostname or ""
    if parts.scheme != "http" or host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
