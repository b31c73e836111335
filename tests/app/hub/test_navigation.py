"""The menu: the Zoo's own pages are always in it, however many tasks the user adds."""

import json
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from app.hub import first_page
from app.hub.navigation import OWN
from models import catalog

REST = ["Models", "Lessons", "Lab"]


@pytest.fixture(autouse=True)
def lab_for_all(monkeypatch):
    monkeypatch.setenv("ZOO_LAB", "on")


@pytest.fixture
def own_task(monkeypatch) -> str:
    """The slug of a task that only a checkpoint of the user's defines."""
    own = replace(catalog.task("digits"), slug="my-runes", title="My runes")
    tasks = {**catalog.tasks(), own.slug: own}
    monkeypatch.setattr(catalog, "tasks", lambda: tasks)
    return own.slug


def menu() -> dict[str, list[str]]:
    """The titles of the pages, by heading; Streamlit makes pages only while a script runs."""

    def script() -> None:
        import streamlit as st

        from app.hub import navigation

        st.json({heading: [page.title for page in pages] for heading, pages in navigation.pages().items()})

    return json.loads(AppTest.from_function(script, default_timeout=60).run().json[0].value)


def test_without_own_tasks_no_page_has_a_heading():
    shown = menu()
    assert list(shown) == [""] and shown[""][0] == "The Zoo" and "Digits" in shown[""] and shown[""][-3:] == REST


def test_own_tasks_have_a_list_of_their_own(own_task):
    shown = menu()
    assert shown[OWN] == ["My runes"] and "My runes" not in shown[""] and shown[""][-3:] == REST


def test_the_first_page_has_the_same_order(own_task):
    links = first_page._content("", "", has_lab=True).links
    assert [link.title for link in links] == [title for titles in menu().values() for title in titles]
    assert [link.address for link in links][-2:] == ["./lab", f"./{own_task}"]
