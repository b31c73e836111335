"""The JavaScript, CSS and HTML of the components, read once per process."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from app.hub.safety import guarded

HERE = Path(__file__).parent


@cache
def text(name: str) -> str:
    """A file of this folder, such as `pad/pad.css`."""
    return (HERE / name).read_text(encoding="utf-8")


@cache
def component(name: str, *more: str, isolated: bool = True) -> Callable[..., Any]:
    """The component in the folder `name` (HTML, CSS and JavaScript), registered once, with `more` JavaScript added.

    Streamlit calls its function `main` through `safety.js`. isolated: True keeps the page's styles out of it.
    """
    js = "\n".join(text(file) for file in (f"{name}/{name}.js", *more, "safety.js"))
    html, css = text(f"{name}/{name}.html"), text(f"{name}/{name}.css")
    renderer = st.components.v2.component(f"zoo_{name}", html=html, css=css, js=js, isolate_styles=isolated)

    def mount(**arguments: Any) -> Any:
        callbacks = {name: guarded(value) for name, value in arguments.items() if name.startswith("on_")}
        return renderer(**{**arguments, **callbacks})

    return mount
