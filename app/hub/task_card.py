"""A task's card on the home page: an example, the best model's answer to it, and the question as a link."""

import streamlit as st

from app.hub import inputs, links, phrases
from app.hub.answers.ask import ask
from app.hub.markup import bold, escape, plain, shown
from app.sentences import answer
from models.catalog import Model
from models.errors import ZooError
from models.task import Task

MAX_LABELS = 6  # shown for a task without examples


def card(task: Task, available: list[Model]) -> None:
    """Draw the card; all of it is a link to the task's page."""
    with st.container(border=True, key=f"card-{task.slug}", gap="small"):
        st.html(f'<div class="zoo-thumb">{_thumbnail(task, available)}</div>')
        st.page_link(links.task(task), label=f"**{plain(task.question)}**")
        st.html(f'<div class="zoo-soft">{escape(phrases.record(available))}</div>')


def _thumbnail(task: Task, available: list[Model]) -> str:
    if not task.examples:  # a custom task, whose examples are not part of the checkpoint
        labels = [shown(task.display_name(label)) for label in task.labels]
        labels = [*labels[:MAX_LABELS], "\u2026"] if len(labels) > MAX_LABELS else labels
        return f"<div>{escape(', '.join(labels))}</div>"
    example = task.examples[0]
    try:
        picture = inputs.kind(task).example(task, example.raw, f"Example: {example.title}", 112)
    except ZooError:
        return ""  # the task's page shows that it does not support this kind of input
    if task.input == "fields":  # a row of values says little
        picture = f'<span class="zoo-typed long">{escape(example.title)}</span>'
    answers = ask(available[:1], example.raw)
    if not answers:
        return picture
    prediction = answers[0].prediction
    if prediction and prediction.abstained:  # without the closest match, which the task's page shows
        return f"{picture}<div>{bold(task.not_recognised())}</div>"
    text = bold(answer(prediction, task)) if prediction else escape(answers[0].error)
    certainty = f"<br>{bold(phrases.sureness(prediction, task))}" if prediction else ""
    return f"{picture}<div>{text}<span class='zoo-soft'>{certainty}</span></div>"
