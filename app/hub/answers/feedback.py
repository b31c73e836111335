"""Feedback: the visitor says which answer is right, and each model's answers are counted. For this visit only."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from app.hub.answers.ask import Answer
from app.hub.choice import choice
from app.hub.markup import dot, escape, plain, shown
from app.hub.phrases import NONE
from app.hub.safety import guarded
from models.prediction import Prediction
from models.task import Task

KEY = "verdicts"
MAX_INPUTS = 1_000  # inputs with a verdict that are stored for one visit
Input = tuple[str, str]  # the task's slug and the input's id (an input kind's `input_id`)


@dataclass
class Verdict:
    """truth: the right label, None for none of these; answers: model id -> its answer."""

    truth: str | None
    answers: dict[str, str | None] = field(default_factory=dict)


@dataclass
class Feedback:
    """This visit's verdicts by input, the oldest first.

    rejected: the input whose answers are wrong and whose label is not known yet.
    """

    verdicts: dict[Input, Verdict] = field(default_factory=dict)
    rejected: Input | None = None


def state() -> Feedback:
    """This visit's feedback."""
    return st.session_state.setdefault(KEY, Feedback())


def decide(input: Input, truth: str | None, predictions: Sequence[Prediction]) -> None:
    """Record the right label of an input, in place of an earlier verdict on it."""
    feedback = state()
    feedback.verdicts.pop(input, None)
    feedback.verdicts[input] = Verdict(truth, {prediction.model: prediction.label for prediction in predictions})
    feedback.rejected = None
    while len(feedback.verdicts) > MAX_INPUTS:
        del feedback.verdicts[next(iter(feedback.verdicts))]


def reject(input: Input) -> None:
    """Record that no answer was right; the right label is asked for next."""
    state().rejected = input


def withdraw(input: Input) -> None:
    """Remove the verdict on this input."""
    state().verdicts.pop(input, None)
    state().rejected = None


def reset(task: Task) -> None:
    """Remove all verdicts on this task."""
    feedback = state()
    feedback.verdicts = {input: verdict for input, verdict in feedback.verdicts.items() if input[0] != task.slug}
    feedback.rejected = None


def tally(task: Task) -> dict[str, tuple[int, int]]:
    """Model id -> (correct answers, all answers) by the visitor's verdicts on this task."""
    counts: dict[str, tuple[int, int]] = {}
    for (slug, _), verdict in state().verdicts.items():
        for model, label in verdict.answers.items() if slug == task.slug else ():
            correct, total = counts.get(model, (0, 0))
            counts[model] = correct + (label == verdict.truth), total + 1
    return counts


def row(task: Task, input_id: str, answers: Sequence[Answer], names: dict[str, str], colour: dict[str, str]) -> None:
    """Draw the question with a button for each answer, and the tally below it."""
    predictions = [answer.prediction for answer in answers if answer.prediction]
    if not predictions:
        return
    input = (task.slug, input_id)
    verdict = state().verdicts.get(input)
    if verdict:  # a model that was chosen after the verdict counts too
        verdict.answers = {**verdict.answers, **{prediction.model: prediction.label for prediction in predictions}}
    labels = list(dict.fromkeys(prediction.label for prediction in predictions))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="verdict"):
        if verdict:
            st.html(
                f'<p class="zoo-ask" role="status">Noted: it was <b>{escape(label_name(task, verdict.truth))}</b>.</p>',
                width="content",
            )
            st.button("Change", key=f"verdict-back-{input_id}", on_click=guarded(withdraw), args=(input,))
        elif state().rejected == input:
            _ask_label(task, input, labels, predictions)
        else:
            _ask_verdict(task, input, labels, predictions)
    _tally(task, names, colour)


def _ask_verdict(task: Task, input: Input, labels: list[str | None], predictions: list[Prediction]) -> None:
    """Which answer is right? Yes and No if the models agree, else a button for each answer."""
    _, input_id = input
    if len(labels) == 1:
        _question(f"Is \u201c{label_name(task, labels[0])}\u201d right?")
        key, args = f"verdict-yes-{input_id}-{labels[0]}", (input, labels[0], predictions)
        st.button("Yes", key=key, on_click=guarded(decide), args=args)
    else:
        _question("Which is right?")
        for label in labels:
            key, args = f"verdict-of-{input_id}-{label}", (input, label, predictions)
            st.button(plain(label_name(task, label)), key=key, on_click=guarded(decide), args=args)
    no = "No" if len(labels) == 1 else "Something else"
    st.button(no, key=f"verdict-no-{input_id}-{labels}", on_click=guarded(reject), args=(input,))


def _ask_label(task: Task, input: Input, wrong: list[str | None], predictions: list[Prediction]) -> None:
    """What was it? A menu of all labels except the wrong ones."""
    _, input_id = input
    options = [label for label in (*task.labels, None) if label not in wrong]
    _question("What was it?")
    choice(
        "What was it?",
        options,
        f"verdict-what-{input_id}",
        format_option=lambda label: label_name(task, label),
        select=lambda label: decide(input, label, predictions),
        placeholder="Choose a label",
        width=240,
    )
    st.button("Cancel", key=f"verdict-back-{input_id}", on_click=guarded(withdraw), args=(input,))


def _question(text: str) -> None:
    st.html(f'<p class="zoo-ask">{escape(text)}</p>', width="content")


def _tally(task: Task, names: dict[str, str], colour: dict[str, str]) -> None:
    counts = {model: count for model, count in tally(task).items() if model in names}
    if not counts:
        return
    best_first = sorted(counts, key=lambda model: -counts[model][0] / counts[model][1])
    models = "".join(
        f"<span>{dot(colour[model])}{escape(names[model])} {counts[model][0]} of {counts[model][1]} correct</span>"
        for model in best_first
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="tally"):
        st.html(f'<p class="zoo-tally">Your tally, this visit: {models}</p>', width="content")
        st.button("Reset", key="verdict-reset", on_click=guarded(reset), args=(task,), type="tertiary")


def label_name(task: Task, label: str | None) -> str:
    """An answer as people read it."""
    return NONE if label is None else shown(task.display_name(label))
