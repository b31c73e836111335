"""Blocks of text on a page: headings, notices, captions, facts and tables."""

from collections.abc import Sequence

import streamlit as st

from app.hub.markup import escape


def tab_title(*names: str) -> None:
    """Name the page in the browser's tab: `GRU · Names · The Zoo`."""
    st.set_page_config(page_title=" · ".join([*names, "The Zoo"]))


def title(text: str) -> None:
    """The page's heading."""
    st.html(f'<h1 class="zoo-title">{escape(text)}</h1>')


def hero(text: str, subtitle: str) -> None:
    """A heading with one sentence under it."""
    st.html(f'<h1 class="zoo-title">{escape(text)}</h1><p class="zoo-under">{escape(subtitle)}</p>')


def notice(text: str) -> None:
    """One sentence in a calm box, such as the message of a `ZooError`."""
    st.html(f'<div class="zoo-calm" role="status">{_code(text)}</div>')


def caption(text: str) -> None:
    """A line of small, quiet text."""
    st.html(f'<p class="zoo-soft">{_code(text)}</p>')


def facts(*pairs: tuple[str, str]) -> None:
    """A row of names with their values."""
    items = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in pairs)
    st.html(f'<dl class="zoo-facts">{items}</dl>')


def table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table whose rows begin with a row header, such as the exact numbers of a chart."""
    head = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    st.html(
        f'<div class="zoo-scroll" tabindex="0" role="region" aria-label="{escape(caption, quote=True)}">'
        f'<table class="zoo-table"><caption class="zoo-soft">{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _code(text: str) -> str:
    """Text with `commands` in code style."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))
