"""The hub's pages and their addresses: home, one page for each task of the catalog, and one for the models.

A page made here without a function is a link to that address; `app/hub/main.py` makes the ones that are drawn.
"""

from collections.abc import Callable

import streamlit as st
from streamlit.navigation.page import Page

from app.hub.markup import plain
from models.task import Task


def _not_drawn() -> None:
    """The function of a page that is only linked to; Streamlit finds the page that is drawn by its address."""


def home(draw: Callable[[], None] = _not_drawn) -> Page:
    """The home page, `/`."""
    return st.Page(draw, title="The Zoo", url_path="", default=True)


def task(task: Task, draw: Callable[[], None] = _not_drawn) -> Page:
    """The page of a task, `/<slug>`."""
    return st.Page(draw, title=plain(task.title), url_path=task.slug)


def models(draw: Callable[[], None] = _not_drawn) -> Page:
    """The page of all models, `/models`, and of one, `/models?model=<id>`."""
    return st.Page(draw, title="Models", url_path="models")
