"""A task's card on the home page: a real example, what the best model says of it today, the question, the way in."""

from html import escape

import streamlit as st

from app.hub import inputs, links, phrases
from app.hub.answers.ask import ask
from app.hub.markup import bold, plain
from app.sentences import answer
from models.catalog import Model
from models.errors import ZooError
from models.task import Task

NAMED = 6  # labels that stand for a task without examples


def card(task: Task, available: list[Model]) -> None:
    """The card; all of it is the link to the task's page."""
    with st.container(border=True, key=f"card-{task.slug}", gap="small"):
        st.html(f'<div class="zoo-thumb">{_thumbnail(task, available)}</div>')
        st.page_link(links.task(task), label=f"**{plain(task.question)}**")
        st.html(f'<div class="zoo-soft">{escape(_record(task, available))}</div>')


def _thumbnail(task: Task, available: list[Model]) -> str:
    if not task.examples:  # one of somebody's own, which keeps its examples to itself
        named = [task.display_name(label) for label in task.labels]
        named = [*named[:NAMED], "\u2026"] if len(named) > NAMED else named
        return f"<div>{escape(', '.join(named))}</div>"
    shown = task.examples[0]
    try:
        picture = inputs.kind(task).example(shown.raw, f"Example: {shown.title}", 112)
    except ZooError:
        return ""  # the task's page says that it cannot take this kind of input
    answers = ask(available[:1], shown.raw)
    if not answers:
        return picture
    said = answers[0].prediction
    if said and said.abstained:  # in short: what it would be is for the task's page
        return f"{picture}<div>{bold(f'I don’t recognise this as {task.noun}.')}</div>"
    says = bold(answer(said, task)) if said else escape(answers[0].error)
    sure = f"<br>{bold(phrases.sureness(said, task))}" if said else ""
    return f"{picture}<div>{says}<span class='zoo-soft'>{sure}</span></div>"


def _record(task: Task, available: list[Model]) -> str:
    if not available:
        return "No models yet"
    best = available[0].figure
    record = f" · best {phrases.correct(best)} ({phrases.interval(best)})" if best else ""
    models = "1 model" if len(available) == 1 else f"{len(available)} models"
    return f"{models}{record}"
