"""A task's page: the input once, and a column for each chosen model."""

from types import ModuleType
from typing import Any

import streamlit as st

from app.hub import inputs, many_files
from app.hub.answers import ask, blind_vote, columns
from app.hub.components.chooser import USUAL, chooser
from app.hub.glossary import glossary
from app.hub.model import figures
from app.hub.safety import contained, explained, fragment
from app.hub.say import aside, sentence, title
from models import catalog
from models.catalog import Model
from models.errors import ZooError
from models.task import Task

NAMED = 40  # labels that are listed


def show(slug: str) -> None:
    """The page of the task `slug`."""
    task = catalog.task(slug)
    available = catalog.models(slug)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="head"):
        title(task.question)
        chosen, complaints = available[:USUAL], []
        with contained():
            if available:
                chosen, complaints = chooser(task, available)
    for complaint in complaints:
        sentence(complaint)
    if not available:
        sentence("This task has no models yet. Train one with `zoo train`.")
    with contained():
        _body(task, inputs.kind(task), chosen, available)
    with contained():
        if available:
            many_files.many(task, available)
    with contained():
        _small_print(task)


def _small_print(task: Task) -> None:
    """What it can answer at all, what to know before it is believed, and the words that were used."""
    if not task.scale:
        named = [task.display_name(label) for label in task.labels]
        more = f" and {len(named) - NAMED:,} more" if len(named) > NAMED else ""
        aside(f"Possible answers: {', '.join(named[:NAMED])}{more}, or none of these.")
    for caveat in task.caveats:
        aside(figures.with_dataset_names(task, caveat))
    glossary()


@fragment
def _body(task: Task, kind: ModuleType, chosen: list[Model], available: list[Model]) -> None:
    """Input and answers: all that a stroke redraws."""
    with st.container(key="task"):
        way_in, out = st.columns([2, 3], gap="medium") if kind.OVERLAID else (st.container(), st.container())
    raw, problem = _given(task, kind)
    which = ""
    with contained():
        which = kind.which(task)
        blind_vote.begin((task.slug, which))
        chosen = blind_vote.ordered(chosen)
    with way_in, st.container(key="input", gap="small"):
        evidence = None
        with contained():
            if kind.OVERLAID and raw is not None:
                evidence = _evidence(columns.asked_why(chosen, which), raw)
        with contained():
            kind.show(task, evidence)
    with out, contained():
        if problem:
            sentence(problem)
        if raw is not None:
            columns.answers(task, ask.ask(chosen, raw), available, raw, which)
        elif task.examples and chosen:
            columns.example(task, ask.ask(chosen, task.examples[0].raw), available, which)


def _given(task: Task, kind: ModuleType) -> tuple[Any, str]:
    try:
        return kind.given(task), kind.problem(task)
    except Exception as error:
        return None, explained(error)


def _evidence(asked: tuple[Model, str | None] | None, raw: Any) -> Any:
    if asked is None:
        return None
    model, label = asked
    try:
        evidence = ask.why(model, raw)
    except ZooError:
        return None  # the model's own column says what is wrong
    return evidence, label if label in evidence.labels else evidence.label
