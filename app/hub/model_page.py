"""A model's page, `/models?model=<id>`: what it is, how good it is, where it errs, how to use it."""

from urllib.parse import urlsplit

import streamlit as st

from app.hub import home, pages
from app.hub.parts import record
from app.hub.parts.badge import badge
from app.hub.parts.colours import colours
from app.hub.parts.download import zipped
from app.hub.parts.say import hero, sentence, title
from app.hub.parts.studies import studies
from models import catalog
from models.catalog import Model
from models.checkpoint import Checkpoint
from models.errors import ZooError


def show() -> None:
    """The page of the model in the address; without one, all models."""
    name = st.query_params.get("model", "")
    if not name:
        title("Models")
        home.everything(catalog.models())
        return
    try:
        model = catalog.find(name)
        checkpoint = Checkpoint.open(model.path)
        evaluation = checkpoint.evaluation
    except ZooError as error:
        title("Models")
        sentence(str(error))
        home.everything(catalog.models())
        return
    _page(model, checkpoint, evaluation)


def _page(model: Model, checkpoint: Checkpoint, evaluation: dict) -> None:
    colour = colours([other.id for other in catalog.models(model.task.slug)])[model.id]
    hero(model.title, model.config.words)
    with st.container(horizontal=True, vertical_alignment="center", key="actions"):
        st.page_link(pages.task(model.task), label="try it", icon=":material/draw:", query_params={"models": model.id})
        _download(model, checkpoint)
        badge(model, checkpoint)
    record.head(model, checkpoint)
    figures, mistakes, training, code, files = st.tabs(
        ["Figures", "Mistakes", "How it was trained", "Use it from code", "Files"]
    )
    with figures:
        record.tested(model, evaluation, colour)
        studies(model, evaluation.get("studies"), colour)
    with mistakes:
        record.mistakes(model, evaluation)
    with training:
        record.trained(model, checkpoint, colour)
    with code:
        record.code(model, _address())
    with files:
        record.files(model, checkpoint)


def _download(model: Model, checkpoint: Checkpoint) -> None:
    name = model.id.replace("/", "--")
    st.download_button(
        "download",
        data=lambda: zipped(checkpoint, name),
        file_name=f"{name}.zip",
        mime="application/zip",
        icon=":material/download:",
        on_click="ignore",
    )


def _address() -> str:
    parts = urlsplit(st.context.url or "http://127.0.0.1:8501")
    return f"{parts.scheme}://{parts.netloc}"
