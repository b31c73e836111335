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
    """The component in the folder `name` (HTML, CSS and JavaScript), registered once.

    Streamlit calls its function `main` through `safety.js`. more: files that components share; JavaScript is added
    after the component's own, CSS before it. isolated: True keeps the page's styles out of it.
    """
    scripts = [f"{name}/{name}.js", *(file for file in more if file.endswith(".js")), "safety.js"]
    styles = [*(file for file in more if file.endswith(".css")), f"{name}/{name}.css"]
    html, css, js = text(f"{name}/{name}.html"), "\n".join(map(text, styles)), "\n".join(map(text, scripts))
    renderer = st.components.v2.component(f"zoo_{name}", html=html, css=css, js=js, isolate_styles=isolated)

    def mount(**arguments: Any) -> Any:
        callbacks = {name: guarded(value) for name, value in arguments.items() if name.startswith("on_")}
        return renderer(**{**arguments, **callbacks})

    return mount
