"""One model's answer: in words first, big; then the five best as bars, or a scale from end to end; then what it took."""

from html import escape

import streamlit as st

from app.hub import phrases
from app.hub.answers.ask import Answer
from app.hub.answers.blind_vote import Face
from app.hub.markup import bold, dot
from app.hub.model import figures
from app.sentences import answer as worded
from models.catalog import Model
from models.prediction import Prediction
from models.task import Task

BEST = 5


def answer(task: Task, given: Answer, face: Face, read: str = "") -> None:
    """The answer as one block whose parts keep their places from one drawing to the next. read: what the input kind adds (HTML)."""
    record = "" if face.hidden else _record(given)
    name = f'<span class="who">{_sign(face)}{"" if face.hidden else escape(face.name)}</span>'
    head = f'<div class="name">{name}<span class="zoo-soft">{record}</span></div>'
    body = (
        _said(task, given.prediction, face.colour, read, None if face.hidden else given.model)
        if given.prediction
        else f'<div class="zoo-calm">{escape(given.error)}</div>'
    )
    st.html(f'<section class="zoo-answer" data-model="{escape(face.mark, quote=True)}">{head}{body}</section>')


def agreement(task: Task, predictions: list[Prediction], faces: dict[str, Face]) -> None:
    """Whether they agree, above the columns, with the dots of who said what."""
    sentence, parties = phrases.agreement(predictions, task.display_name)
    if not sentence:
        return
    dots = ""
    if len(parties) > 1:
        dots = "".join(
            f'<span class="zoo-soft">{"".join(_sign(faces[one.model]) for one in who)}'
            f'<span class="words">{escape(name)}</span></span>'
            for name, who in parties
        )
    st.html(f'<div class="zoo-agree" role="status">{escape(sentence)}{dots}</div>')


def _sign(face: Face) -> str:
    """A model's dot, or its letter while its name is hidden."""
    return f'<b class="zoo-letter">{face.name}</b>' if face.hidden else dot(face.colour)


def _record(given: Answer) -> str:
    return phrases.correct(given.model.figure) if given.model.figure else "not tested yet"


def _said(task: Task, prediction: Prediction, colour: str, read: str, model: Model | None) -> str:
    calm = " none" if prediction.abstained else ""
    notes = "".join(f"<li>{escape(note)}</li>" for note in prediction.notes)
    ranked = list(prediction.probabilities.items())
    if task.scale:
        ranked = [(label, prediction.probabilities[label]) for label in task.labels]
    ranked = [(task.display_name(label), share) for label, share in ranked]
    widest = max(
        len(task.display_name(label)) for label in task.labels
    )  # so that the bars stay where they are when the answer changes
    rest = ""
    shown = len(ranked) if task.scale else BEST
    if len(ranked) > shown:
        rest = f"<details><summary>Show the other {len(ranked) - shown}</summary>{_bars(ranked[shown:], colour, widest)}</details>"
    return (
        f'<div class="says{calm}" role="status"><p>{bold(worded(prediction, task))}</p></div>'
        f'<div class="sure">{bold(phrases.sureness(prediction, task))}</div>'
        f'<ul class="notes">{notes}</ul>{read}'
        f'<div class="shares{calm}">{_bars(ranked[:shown], colour, widest)}{rest}</div>'
        f'<div class="cost">{_cost(prediction, model) if model else ""}</div>'
    )


def _bars(ranked: list[tuple[str, float]], colour: str, widest: int) -> str:
    rows = "".join(
        f'<dt>{escape(label)}</dt><dd class="bar"><i style="width:{100 * share:.1f}%;background:{colour}"></i></dd>'
        f'<dd class="number">{escape(phrases.percent(share))}</dd>'
        for label, share in ranked
    )
    return f'<dl class="zoo-bars" style="--widest:{widest}ch">{rows}</dl>'


def _cost(prediction: Prediction, model: Model) -> str:
    """What it took, how large the net is, and between what its accuracy lies."""
    by = (
        ""
        if prediction.engine == "onnx"
        else f" with {escape(phrases.ENGINES.get(prediction.engine, prediction.engine))}"
    )
    took = f"{phrases.milliseconds(prediction.milliseconds)} on this {_device(prediction)}{by}"
    accuracy = f"<br>{phrases.interval(model.figure)}; {phrases.guessing(model.task)}" if model.figure else ""
    return f"{took}, {figures.size(model.config.parameters)} parameters{accuracy}"


def _device(prediction: Prediction) -> str:
    return "CPU" if prediction.device == "cpu" else escape(prediction.device)
