"""The visitor's values, one set for each task of fields, stored for this visit only."""

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from app.hub.answers.engine import load
from models import catalog
from models.errors import ZooError
from models.inputs.fields import Value
from models.task import Task


@dataclass
class Entered:
    """values: what the form shows now. start: what it showed when it was last filled by the server.

    revision: how often that was; the form's widgets are new ones each time.
    """

    start: dict[str, Value] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    revision: int = 0


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
    st.session_state[f"entered-{task.slug}"] = Entered(values, dict(values), before.revision + 1)


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
