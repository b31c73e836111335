"""The hub's pages and their addresses: home, one for each task of the catalog, and one for the models."""

from functools import partial

import streamlit as st
from streamlit.navigation.page import Page

from app.hub.parts.markup import plain
from models import catalog
from models.task import Task


def home() -> Page:
    """`/`"""
    from app.hub import home as page

    return st.Page(page.show, title="The Zoo", url_path="", default=True)


def task(task: Task) -> Page:
    """`/<slug>`"""
    from app.hub import task_page as page

    return st.Page(partial(page.show, task.slug), title=plain(task.title), url_path=task.slug)


def models() -> Page:
    """`/models`, `/models?model=<id>`"""
    from app.hub import model_page as page

    return st.Page(page.show, title="Models", url_path="models")


def everything() -> list[Page]:
    """All of them, in the order of the menu."""
    return [home(), *(task(one) for one in catalog.tasks().values()), models()]
