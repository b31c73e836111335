"""What a model sees: the stages from the input to the net, as small pictures or texts with a sentence each."""

from collections.abc import Sequence

import streamlit as st

from app.hub.markup import escape, png
from models.processors.base import Stage, TableStage, TextStage


def stages(stages: Sequence[Stage | TextStage | TableStage]) -> None:
    """Draw the stages in their order."""
    figures = "".join(
        f"<figure>{_content(stage)}<figcaption><b>{escape(stage.title)}</b><br>{escape(stage.sentence)}</figcaption></figure>"
        for stage in stages
    )
    st.html(f'<div class="zoo-stages">{figures}</div>')


def _content(stage: Stage | TextStage | TableStage) -> str:
    """A stage's picture, its tokens with the unknown ones marked, or its rows."""
    if isinstance(stage, Stage):
        return f'<img src="{png(stage.image)}" alt="{escape(stage.title, quote=True)}">'
    if isinstance(stage, TableStage):
        rows = "".join(
            f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in stage.rows
        )
        return f'<div class="zoo-rows" tabindex="0"><table class="zoo-table">{rows}</table></div>'
    separator = " " if any(len(token.text) > 1 for token in stage.tokens) else ""
    tokens = (
        escape(token.text) if token.known else f'<mark class="unknown" title="unknown">{escape(token.text)}</mark>'
        for token in stage.tokens
    )
    return f'<p class="zoo-typed">{separator.join(tokens)}</p>'
