"""A task's page: one input, and a column of answers for each chosen model."""

from types import ModuleType
from typing import Any

import streamlit as st

from app.hub import inputs, many_files
from app.hub.answers import ask, blind_vote, columns
from app.hub.components.chooser import DEFAULT_COUNT, chooser
from app.hub.glossary import glossary
from app.hub.markup import shown
from app.hub.model import figures
from app.hub.safety import contained, error_sentence, fragment
from app.hub.text_blocks import caption, notice, tab_title, title
from models import catalog
from models.catalog import Model
from models.errors import ZooError
from models.task import Task

MAX_LABELS = 40  # listed as possible answers


def show(slug: str) -> None:
    """The page of the task `slug`."""
    task = catalog.task(slug)
    tab_title(task.title)
    available = catalog.models(slug)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="head"):
        title(task.question)
        chosen, complaints = available[:DEFAULT_COUNT], []
        with contained():
            if available:
                chosen, complaints = chooser(task, available)
    for complaint in complaints:
        notice(complaint)
    if not available:
        notice("This task has no models yet. Train one with `zoo train`.")
    with contained():
        _body(task, inputs.kind(task), chosen, available)
    with contained():
        if available:
            many_files.many_files(task, available)
    with contained():
        _footer(task)


def _footer(task: Task) -> None:
    """The possible answers, the caveats and the glossary."""
    if not task.scale:
        labels = [shown(task.display_name(label)) for label in task.labels]
        more = f" and {len(labels) - MAX_LABELS:,} more" if len(labels) > MAX_LABELS else ""
        caption(f"Possible answers: {', '.join(labels[:MAX_LABELS])}{more}, or none of these.")
    for caveat in task.caveats:
        caption(figures.with_dataset_names(task, caveat))
    glossary()


@fragment
def _body(task: Task, kind: ModuleType, chosen: list[Model], available: list[Model]) -> None:
    """The input and the answers, which a stroke redraws."""
    with st.container(key="task"):
        input_place, answers_place = (
            st.columns([2, 3], gap="medium") if kind.BESIDE else (st.container(), st.container())
        )
    raw, problem = _input(task, kind)
    input_id = ""
    with contained():
        input_id = kind.input_id(task)
        blind_vote.begin((task.slug, input_id))
        chosen = blind_vote.ordered(chosen)
    with input_place, st.container(key="input", gap="small"):
        evidence = None
        with contained():
            if kind.OVERLAID and raw is not None:
                evidence = _evidence(columns.asked_why(chosen, input_id), raw)
        with contained():
            kind.show(task, evidence)
    with answers_place, contained():
        if problem:
            notice(problem)
        if raw is not None:
            columns.show(task, ask.ask(chosen, raw), available, raw, input_id)
        elif task.examples and chosen:
            columns.example(task, ask.ask(chosen, task.examples[0].raw), available, input_id)


def _input(task: Task, kind: ModuleType) -> tuple[Any, str]:
    try:
        return kind.current(task), kind.problem(task)
    except Exception as error:
        return None, error_sentence(error)


def _evidence(asked: tuple[Model, str | None] | None, raw: Any) -> Any:
    if asked is None:
        return None
    model, label = asked
    try:
        evidence = ask.explain(model, raw)
    except ZooError:
        return None  # the model's column shows the error
    return evidence, label if label in evidence.labels else evidence.label
