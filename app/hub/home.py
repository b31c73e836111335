"""Home: a card for each task, then all models as a table and a chart."""

import streamlit as st

from app.hub import pages
from app.hub.parts import zoo
from app.hub.parts.card import card
from app.hub.parts.glossary import glossary
from app.hub.parts.safety import contained, fragment
from app.hub.parts.say import hero, sentence
from models import catalog


def show() -> None:
    """The page at `/`."""
    hero(
        "The Zoo",
        "Small neural networks you can touch: draw, type or show them something, see what each makes of it, and why.",
    )
    models = catalog.models()
    with st.container(horizontal=True, key="cards"):
        for task in catalog.tasks().values():
            with contained():
                card(task, [model for model in models if model.task.slug == task.slug])
    if not models:
        sentence("There is no model here yet; `zoo train mnist-cnn` makes one in a few minutes.")
        return
    st.subheader("All models", anchor=False)
    everything()
    for problem in catalog.problems().values():
        sentence(problem)
    with contained():
        glossary()
    st.markdown("For programs: [REST](/api/docs) and [widgets](/widgets/), which Gradio's client and MCP call too.")


@fragment
def everything() -> None:
    """All models that are here now, and the way to each one's page."""
    models = catalog.models()
    left, right = st.columns([3, 2], gap="large")
    with left:
        opened, left_over = zoo.table(models)
    with right:
        clicked = zoo.chart(models, left_over)
    if opened or clicked:
        st.switch_page(pages.models(), query_params={"model": opened or clicked})
