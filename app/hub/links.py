"""The hub's pages and their addresses: home, one page for each task, and those of the models, the lessons and the lab.

A page made without a function is only a link; `app/hub/navigation.py` makes the pages that are drawn.
"""

from collections.abc import Callable

import streamlit as st
from streamlit.navigation.page import Page

from app.hub.markup import plain
from models.task import Task


def _link_only() -> None:
    """The function of a page that is only a link; Streamlit finds the page to draw by its address."""


def home(draw: Callable[[], None] = _link_only) -> Page:
    """The home page, `/`."""
    return st.Page(draw, title="The Zoo", url_path="", default=True)


def task(task: Task, draw: Callable[[], None] = _link_only) -> Page:
    """The page of a task, `/<slug>`."""
    return st.Page(draw, title=plain(task.title), url_path=task.slug)


def models(draw: Callable[[], None] = _link_only) -> Page:
    """The page of all models, `/models`, and of one, `/models?model=<id>`."""
    return st.Page(draw, title="Models", url_path="models")


def lessons(draw: Callable[[], None] = _link_only) -> Page:
    """The page of all lessons, `/lessons`, and of one, `/lessons?lesson=<slug>`."""
    return st.Page(draw, title="Lessons", url_path="lessons")


def lab(draw: Callable[[], None] = _link_only, hidden: bool = False) -> Page:
    """The lab, `/lab`, and one of its runs, `/lab?run=<id>`. hidden: left out of the menu, but its address works."""
    return st.Page(draw, title="Lab", url_path="lab", visibility="hidden" if hidden else "visible")
