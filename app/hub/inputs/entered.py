"""The visitor's values, one set for each task of fields, stored for this visit only; a copied link contains them."""

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from app.hub.answers.engine import load
from app.hub.inputs import fields_code
from models import catalog
from models.errors import ZooError
from models.inputs.fields import Value
from models.task import Task

ADDRESS = "fields"


@dataclass
class Entered:
    """values: what the form shows now. start: what it showed when it was last filled by the server.

    revision: how often that was; the form's widgets are new ones each time. last_link: the `fields` parameter of the
    last link that was opened; problem: what was wrong with it, if anything.
    """

    start: dict[str, Value] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    revision: int = 0
    last_link: str = ""
    problem: str = ""


def state(task: Task) -> Entered:
    """This visit's values; at first the typical ones."""
    key = f"entered-{task.slug}"
    if key not in st.session_state:
        st.session_state[key] = Entered()
        enter(task, typical(task))
    return st.session_state[key]


def enter(task: Task, raw: dict[str, Any]) -> None:
    """Fill the form with a raw input; the other fields are not known."""
    before = st.session_state.get(f"entered-{task.slug}", Entered())
    values = {each.name: raw.get(each.name) for each in task.fields}
    st.session_state[f"entered-{task.slug}"] = Entered(values, dict(values), before.revision + 1, before.last_link)


def open_link(task: Task) -> None:
    """Fill the form with the values of a link, once, so that the address does not undo later changes."""
    code = st.query_params.get(ADDRESS, "")
    if not code or code == state(task).last_link:
        return
    try:
        enter(task, fields_code.decode(code, task.fields))
    except ZooError as error:
        enter(task, typical(task))
        state(task).problem = str(error)
    state(task).last_link = code


def typical(task: Task) -> dict[str, Any]:
    """The typical values in the training data of the task's best model; without a model, those of an example."""
    for model in catalog.models(task.slug):
        try:
            return load(model.id).processor.typical()
        except ZooError:
            continue  # its column shows the error
    return dict(task.examples[0].raw) if task.examples else {}


def update(task: Task, name: str, value: Value) -> None:
    """Store a value that was entered."""
    state(task).values[name] = value
    state(task).problem = ""
