"""What a model saw: the way from the input to the net, in small pictures with a sentence each."""

from html import escape
from typing import Any

import streamlit as st

from app.hub.parts.markup import png


def stages(steps: list[Any]) -> None:
    """The steps in their order."""
    figures = "".join(
        f'<figure><img src="{png(step.image)}" alt="{escape(step.title, quote=True)}">'
        f"<figcaption><b>{escape(step.title)}</b><br>{escape(step.sentence)}</figcaption></figure>"
        for step in steps
    )
    st.html(f'<div class="zoo-stages">{figures}</div>')
