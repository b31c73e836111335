"""The choice of models on a task page. It is part of the address: `?models=mnist-cnn,mnist-mlp`.

Streamlit's widgets write labels into the address, repeat the parameter for each, and silently drop unknown ones. This
component writes ids as one comma-separated list and reports unknown ones.
"""

from collections.abc import Sequence

import streamlit as st

from app.hub.colours import colours
from app.hub.components.assets import component
from app.hub.names import display_names
from models import catalog
from models.catalog import Model
from models.errors import UnknownModel
from models.task import Task

DEFAULT_COUNT = 2  # models that answer by default
MAX_COMPLAINTS = 3  # sentences about unknown models


def chooser(task: Task, models: Sequence[Model]) -> tuple[list[Model], list[str]]:
    """The chosen models, best first, and a sentence for each name in the address that is not one of them."""
    ids = [model.id for model in models]
    default = ids[:DEFAULT_COUNT]
    chosen, complaints = _chosen(task, ids, default)
    colour, names = colours(ids), display_names(models)
    key = f"chooser-{task.slug}"

    def select() -> None:
        value = st.session_state[key].get("chosen")
        selected = value if isinstance(value, list) else []
        st.session_state[_choice(task)] = [name for name in ids if name in selected] or default
        st.session_state.pop(_complaints(task), None)

    component("chooser")(
        key=key,
        data={
            "options": [{"id": model.id, "title": names[model.id], "colour": colour[model.id]} for model in models],
            "chosen": chosen,
            "default": default,
            "sync": not complaints,
        },
        on_chosen_change=select,
    )
    return [model for model in models if model.id in chosen], complaints


def _chosen(task: Task, ids: list[str], default: list[str]) -> tuple[list[str], list[str]]:
    """The choice in the address if it has changed (a link, Back), else the choice made on the page."""
    address = ",".join(st.query_params.get_all("models"))
    last_key = f"address-{task.slug}"
    if address and address != st.session_state.get(last_key):
        requested = list(dict.fromkeys(name.strip() for name in address.split(",") if name.strip()))[:50]
        known = [name for name in ids if name in requested]
        st.session_state[_choice(task)] = known or default
        st.session_state[_complaints(task)] = [_complaint(task, name) for name in requested if name not in ids][
            :MAX_COMPLAINTS
        ]
    st.session_state[last_key] = address
    chosen = [name for name in st.session_state.get(_choice(task), default) if name in ids] or default
    return chosen, st.session_state.get(_complaints(task), [])


def _complaint(task: Task, name: str) -> str:
    try:
        model = catalog.find(name)
    except UnknownModel as error:
        return str(error)
    return f"{model.title} belongs to another task ({model.task.title}), so it is not shown here."


def _choice(task: Task) -> str:
    return f"models-{task.slug}"


def _complaints(task: Task) -> str:
    return f"unknown-{task.slug}"
