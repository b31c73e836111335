"""The page of lessons, `/lessons?lesson=<slug>`; without one, the list. `/lessons/<slug>` leads here."""

import streamlit as st

from app.hub import links
from app.hub.lessons import INTRODUCTION, Lesson, lessons
from app.hub.markup import escape, plain
from app.hub.safety import contained
from app.hub.text_blocks import hero, notice, tab_title, title
from models import catalog


def show() -> None:
    """The lesson in the address, or the list."""
    slug = st.query_params.get("lesson", "")
    lesson = lessons().get(slug)
    if lesson:
        _lesson(lesson)
        return
    tab_title("Lessons")
    hero("Lessons", INTRODUCTION)
    if slug:
        notice(f"There is no lesson {slug[:60]!r}; choose one of these.")
    for each in lessons().values():
        with st.container(border=True, gap="small"):
            st.page_link(links.lessons(), label=f"**{plain(each.title)}**", query_params={"lesson": each.slug})
            st.html(f'<div class="zoo-soft">{escape(each.goals[0])}</div>')


def _lesson(lesson: Lesson) -> None:
    tab_title(lesson.title, "Lessons")
    title(lesson.title)
    st.html(f'<ul class="zoo-goals">{"".join(f"<li>{escape(goal)}</li>" for goal in lesson.goals)}</ul>')
    with contained():
        lesson.draw()
    st.subheader("Challenge", anchor=False)
    st.html(
        f'<p class="zoo-challenge">{escape(lesson.challenge)}</p>'
        f'<details class="zoo-words"><summary>Show the answer</summary><p>{escape(lesson.answer)}</p></details>'
    )
    with contained(), st.container(horizontal=True, vertical_alignment="center", key="ways"):
        st.markdown("Tasks whose models use this:", width="content")
        for task in catalog.tasks().values():
            if task.slug in lesson.tasks:
                st.page_link(links.task(task), label=plain(task.title))
        st.page_link(links.lessons(), label="All lessons", icon=":material/school:")
