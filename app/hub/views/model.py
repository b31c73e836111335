"""A model's page, `/models?model=<id>`: what it is, how good it is, where it errs, how to use it."""

from urllib.parse import urlsplit

import streamlit as st

from app import settings
from app.hub import all_models, links
from app.hub.colours import colours
from app.hub.glossary import glossary
from app.hub.lab import access
from app.hub.model import record
from app.hub.model.badge import badge
from app.hub.model.download import zipped
from app.hub.model.inside import has_inside, inside
from app.hub.model.mean_images import mean_images
from app.hub.model.siblings import show_siblings
from app.hub.model.studies import show_studies
from app.hub.safety import contained
from app.hub.text_blocks import hero, notice, tab_title, title
from models import catalog
from models.catalog import Model
from models.checkpoint import Checkpoint
from models.errors import ZooError
from models.evaluation import Evaluation

ICONS = {
    "ink": ":material/draw:",
    "picture": ":material/photo_camera:",
    "text": ":material/keyboard:",
    "fields": ":material/table:",
}


def show() -> None:
    """The page of the model in the address; without one, all models."""
    name = st.query_params.get("model", "")
    tab_title("Models")
    if not name:
        title("All models")
        all_models.show()
        return
    try:
        model = catalog.find(name)
        checkpoint = Checkpoint.open(model.path)
        evaluation = checkpoint.evaluation
    except ZooError as error:
        title("All models")
        notice(str(error))
        all_models.show()
        return
    _page(model, checkpoint, evaluation)


def _page(model: Model, checkpoint: Checkpoint, evaluation: Evaluation) -> None:
    colour = colours([other.id for other in catalog.models(model.task.slug)])[model.id]
    tab_title(model.title, model.task.title)
    hero(model.title, model.config.description)
    with st.container(horizontal=True, vertical_alignment="center", key="actions"):
        st.page_link(
            links.task(model.task), label="Try it", icon=ICONS[model.task.input], query_params={"models": model.id}
        )
        entry = model.config.net.name
        if entry in catalog.entries() and access.is_open():
            st.page_link(
                links.lab(), label="Train it yourself", icon=":material/science:", query_params={"entry": entry}
            )
        with contained():
            _download(model, checkpoint)
        with contained():
            badge(model, checkpoint)
    with contained():
        record.head(model, checkpoint)
    looks_inside = ["Inside"] if has_inside(model) else []
    names = ["Figures", "Mistakes", *looks_inside, "Training", "Code", "Files"]
    figures, mistakes, *inner, training, code, files = st.tabs(names)
    with figures:
        with contained():
            record.tested(model, evaluation, colour)
        with contained():
            mean_images(model, checkpoint)
        with contained():
            show_siblings(model)
        with contained():
            show_studies(model, evaluation.studies, colour)
    with mistakes, contained():
        record.mistakes(model, checkpoint, evaluation)
    for tab in inner:
        with tab, contained():
            inside(model, checkpoint)
    with training, contained():
        record.trained(model, checkpoint, colour)
    with code, contained():
        record.code(model, _address())
    with files, contained():
        record.files(model, checkpoint)
    with contained():
        glossary()


def _download(model: Model, checkpoint: Checkpoint) -> None:
    name = model.id.replace("/", "--")
    st.download_button(
        "Download",
        data=lambda: zipped(checkpoint, name),
        file_name=f"{name}.zip",
        mime="application/zip",
        icon=":material/download:",
        on_click="ignore",
    )


def _address() -> str:
    parts = urlsplit(st.context.url or "http://127.0.0.1:8501")
    return f"{parts.scheme}://{parts.netloc}{settings.root_path()}"
