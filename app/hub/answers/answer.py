"""One model's answer: the label in large type, bars for the likeliest labels or the scale, time, size, accuracy."""

from collections.abc import Sequence

import streamlit as st

from app.hub import phrases
from app.hub.answers.ask import Answer
from app.hub.answers.blind_vote import Appearance
from app.hub.markup import bold, dot, escape
from app.hub.model import figures
from app.sentences import answer as answer_sentence
from models.catalog import Model
from models.prediction import Prediction
from models.task import Task

MAX_BARS = 5  # of a task whose labels are not a scale
MAX_FIXED = 10  # bars that keep their order, above which only the likeliest are shown


def column(task: Task, answer: Answer, appearance: Appearance, reading: str = "") -> None:
    """Draw an answer as one block whose parts keep their places when the answer changes.

    reading: HTML that the input kind adds.
    """
    st.html(block(task, answer, appearance, reading))


def block(
    task: Task, answer: Answer, appearance: Appearance, reading: str = "", labels: Sequence[str] | None = None
) -> str:
    """An answer as HTML. labels: of the bars, in this order (default: the likeliest, and the others to open)."""
    record = "" if appearance.hidden else _record(answer)
    name = f'<span class="who">{_sign(appearance)}{"" if appearance.hidden else escape(appearance.name)}</span>'
    head = f'<div class="name">{name}<span class="zoo-soft">{record}</span></div>'
    body = (
        _prediction(
            task, answer.prediction, appearance.colour, reading, None if appearance.hidden else answer.model, labels
        )
        if answer.prediction
        else f'<div class="zoo-calm">{escape(answer.error)}</div>'
    )
    return f'<section class="zoo-answer" data-model="{escape(appearance.mark, quote=True)}">{head}{body}</section>'


def labels_shown(task: Task, prediction: Prediction) -> list[str]:
    """The labels of bars that keep their order while the answer changes: all in the task's order, or the likeliest."""
    few = task.scale or len(task.labels) <= MAX_FIXED
    return list(task.labels if few else list(prediction.probabilities)[:MAX_BARS])


def agreement(task: Task, predictions: list[Prediction], appearances: dict[str, Appearance]) -> None:
    """Draw, above the columns, whether the models agree, with the dots of the models behind each answer."""
    sentence, groups = phrases.agreement(predictions, task.display_name)
    if not sentence:
        return
    dots = ""
    if len(groups) > 1:
        dots = "".join(
            f'<span class="zoo-soft">{"".join(_sign(appearances[prediction.model]) for prediction in group)}'
            f'<span class="words">{escape(name)}</span></span>'
            for name, group in groups
        )
    st.html(f'<div class="zoo-agree" role="status">{escape(sentence)}{dots}</div>')


def _sign(appearance: Appearance) -> str:
    """A model's dot, or its letter while its name is hidden."""
    return f'<b class="zoo-letter">{appearance.name}</b>' if appearance.hidden else dot(appearance.colour)


def _record(answer: Answer) -> str:
    return phrases.correct(answer.model.figure) if answer.model.figure else "not tested yet"


def _prediction(
    task: Task,
    prediction: Prediction,
    colour: str,
    reading: str,
    model: Model | None,
    labels: Sequence[str] | None = None,
) -> str:
    abstained = " none" if prediction.abstained else ""
    notes = "".join(f"<li>{escape(note)}</li>" for note in prediction.notes)
    ranked = list(prediction.probabilities.items())
    if task.scale or labels:
        ranked = [(label, prediction.probabilities[label]) for label in labels or task.labels]
    ranked = [(task.display_name(label), share) for label, share in ranked]
    widest = max(
        len(task.display_name(label)) for label in task.labels
    )  # so that the bars stay where they are when the answer changes
    rest = ""
    shown = len(ranked) if task.scale or labels else MAX_BARS
    if len(ranked) > shown:
        rest = (
            "<details><summary>Show the other "
            f"{len(ranked) - shown}</summary>{_bars(ranked[shown:], colour, widest)}</details>"
        )
    return (
        f'<div class="says{abstained}" role="status"><p>{bold(answer_sentence(prediction, task))}</p></div>'
        f'<div class="sure">{bold(phrases.sureness(prediction, task))}</div>'
        f'<ul class="notes">{notes}</ul>{reading}'
        f'<div class="shares{abstained}">{_bars(ranked[:shown], colour, widest)}{rest}</div>'
        f'<div class="cost">{_cost(prediction, model) if model else ""}</div>'
    )


def _bars(ranked: list[tuple[str, float]], colour: str, widest: int) -> str:
    rows = "".join(
        f'<dt title="{escape(label)}">{escape(label)}</dt>'
        f'<dd class="bar"><i style="width:{100 * share:.1f}%;background:{colour}"></i></dd>'
        f'<dd class="number">{escape(phrases.percent(share))}</dd>'
        for label, share in ranked
    )
    return f'<dl class="zoo-bars" style="--widest:{widest}ch">{rows}</dl>'


def _cost(prediction: Prediction, model: Model) -> str:
    """Time, engine, number of parameters, 95% interval of the accuracy, and the accuracy of guessing."""
    engine = (
        ""
        if prediction.engine == "onnx"
        else f" with {escape(phrases.ENGINES.get(prediction.engine, prediction.engine))}"
    )
    time = f"{phrases.milliseconds(prediction.milliseconds)} on this {_device(prediction)}{engine}"
    accuracy = f"<br>{phrases.interval(model.figure)}; {phrases.guessing(model.task)}" if model.figure else ""
    return f"{time}, {figures.size(model.config.parameters)} parameters{accuracy}"


def _device(prediction: Prediction) -> str:
    return "CPU" if prediction.device == "cpu" else escape(prediction.device)
