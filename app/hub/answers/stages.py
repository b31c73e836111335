"""What a model saw: the way from the input to the net, in small pictures or texts with a sentence each."""

from html import escape
from typing import Any

import streamlit as st

from app.hub.markup import png


def stages(steps: list[Any]) -> None:
    """The steps in their order."""
    figures = "".join(
        f"<figure>{_shown(step)}<figcaption><b>{escape(step.title)}</b><br>{escape(step.sentence)}</figcaption></figure>"
        for step in steps
    )
    st.html(f'<div class="zoo-stages">{figures}</div>')


def _shown(step: Any) -> str:
    """A step's picture, or its letters with those that are unknown marked."""
    if hasattr(step, "image"):
        return f'<img src="{png(step.image)}" alt="{escape(step.title, quote=True)}">'
    apart = " " if any(len(token.text) > 1 for token in step.tokens) else ""
    letters = (
        escape(token.text) if token.known else f'<mark class="unknown" title="unknown">{escape(token.text)}</mark>'
        for token in step.tokens
    )
    return f'<p class="zoo-typed">{apart.join(letters)}</p>'
