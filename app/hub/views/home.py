"""Home: a card for each task, then all models as a table and a chart."""

import streamlit as st

from app import settings
from app.hub import all_models, links, phrases
from app.hub.glossary import glossary
from app.hub.lab import access
from app.hub.lessons import lessons
from app.hub.markup import plain
from app.hub.safety import contained
from app.hub.task_card import card
from app.hub.text_blocks import hero, notice, tab_title
from models import catalog


def show() -> None:
    """The page at `/`."""
    tab_title()
    hero("The Zoo", phrases.INTRODUCTION)
    models = catalog.models()
    with st.container(horizontal=True, key="cards"):
        for task in catalog.tasks().values():
            with contained():
                card(task, [model for model in models if model.task.slug == task.slug])
    with contained(), st.container(horizontal=True, vertical_alignment="center", key="ways"):
        st.markdown("How does a network learn? Try a lesson:", width="content")
        for lesson in lessons().values():
            st.page_link(links.lessons(), label=plain(lesson.title), query_params={"lesson": lesson.slug})
        if access.is_open():
            st.page_link(links.lab(), label="Train a network", icon=":material/science:")
    if not models:
        notice("There are no models yet. `zoo train mnist-cnn` trains one in a few minutes.")
        return
    st.subheader("All models", anchor=False)
    all_models.show()
    for problem in catalog.problems().values():
        notice(problem)
    with contained():
        glossary()
    root = settings.root_path()
    widgets = (
        f" and [widgets]({root}/widgets/), which also serve Gradio clients and MCP"
        if settings.widgets() != "off"
        else ""
    )
    st.markdown(f"For developers: [REST API]({root}/api/docs){widgets}.")
