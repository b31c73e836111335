"""The JavaScript, CSS and HTML that stand beside our components, read once a process."""

from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

HERE = Path(__file__).parent


@cache
def text(name: str) -> str:
    """The file `name` of this folder."""
    return (HERE / name).read_text(encoding="utf-8")


@cache
def component(name: str, *more: str, isolated: bool = True) -> ComponentRenderer:
    """The component of `name`.html, `name`.css and `name`.js, registered once; more JavaScript is appended.

    isolated: whether it stands apart from the page's own styles.
    """
    js = "\n".join(text(file) for file in (f"{name}.js", *more))
    html, css = text(f"{name}.html"), text(f"{name}.css")
    return st.components.v2.component(f"zoo_{name}", html=html, css=css, js=js, isolate_styles=isolated)
