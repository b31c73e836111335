"""Which models answer on a task page. The choice stands in the address: `?models=mnist-cnn,mnist-mlp`.

Streamlit's own widgets write their labels into the address, repeat the parameter for each, and drop what they do not
know in silence; ours keeps ids behind titles, one comma list, and says what it did not find.
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

USUAL = 2  # how many answer when nobody chose
MAX_COMPLAINTS = 3  # sentences about what is not there


def chooser(task: Task, models: Sequence[Model]) -> tuple[list[Model], list[str]]:
    """The models that shall answer, best first, and one sentence for each name in the address that is none of them."""
    ids = [model.id for model in models]
    usual = ids[:USUAL]
    chosen, complaints = _chosen(task, ids, usual)
    colour, called = colours(ids), display_names(models)
    key = f"chooser-{task.slug}"

    def keep() -> None:
        said = st.session_state[key].get("chosen") or []
        st.session_state[_choice(task)] = [name for name in ids if name in said] or usual
        st.session_state.pop(_complaints(task), None)

    component("chooser")(
        key=key,
        data={
            "options": [{"id": model.id, "title": called[model.id], "colour": colour[model.id]} for model in models],
            "chosen": chosen,
            "usual": usual,
            "sync": not complaints,
        },
        on_chosen_change=keep,
    )
    return [model for model in models if model.id in chosen], complaints


def _chosen(task: Task, ids: list[str], usual: list[str]) -> tuple[list[str], list[str]]:
    """The address wins when it is another than last time (a link, Back); else what was chosen on the page."""
    address = ",".join(st.query_params.get_all("models"))
    seen = f"address-{task.slug}"
    if address and address != st.session_state.get(seen):
        asked = list(dict.fromkeys(name.strip() for name in address.split(",") if name.strip()))[:50]
        known = [name for name in ids if name in asked]
        st.session_state[_choice(task)] = known or usual
        st.session_state[_complaints(task)] = [_complaint(task, name) for name in asked if name not in ids][
            :MAX_COMPLAINTS
        ]
    st.session_state[seen] = address
    chosen = [name for name in st.session_state.get(_choice(task), usual) if name in ids] or usual
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
