"""The answers of the chosen models side by side, each with its evidence, its stages and its layers."""

from typing import Any

import streamlit as st

from app.hub import inputs, links
from app.hub.answers import ask, blind_vote, engine, feedback, rewind
from app.hub.answers.activations import layers
from app.hub.answers.answer import agreement, column
from app.hub.answers.ask import Answer
from app.hub.answers.blind_vote import Appearance
from app.hub.answers.stages import stages
from app.hub.choice import choice
from app.hub.markup import escape, shown
from app.hub.safety import contained, error_sentence, guarded
from app.hub.text_blocks import notice
from models.catalog import Model
from models.errors import ZooError
from models.task import Task

WHY = "why"  # the id of the model whose evidence is shown on the input
WHY_LABEL = "why-label"  # model id -> (the input's id, the label whose evidence was asked for)
STAGES = "stages"  # the ids of the models whose stages are open
REWIND = "rewind"  # the ids of the models whose training is rewound
LAYERS = "layers"  # the id of the model whose layers are shown


def asked_why(chosen: list[Model], input_id: str) -> tuple[Model, str | None] | None:
    """The model whose evidence is shown, and the label that it is about (None: the model's answer)."""
    for model in chosen:
        if model.id == st.session_state.get(WHY) and not blind_vote.hides(chosen):
            return model, _asked_label(model, input_id)
    return None


def show(task: Task, answers: list[Answer], available: list[Model], raw: Any, input_id: str) -> None:
    """Draw whether the models agree, a column for each answer, then the blind vote and the feedback."""
    shown = [answer.model for answer in answers]
    appearances = blind_vote.appearances(shown, available)
    with contained():
        agreement(task, [answer.prediction for answer in answers if answer.prediction], appearances)
    _columns(task, answers, appearances, raw, input_id, more=not blind_vote.hides(shown))
    if not blind_vote.hides(shown):
        _layers(shown, appearances, raw)
    names = {model: appearance.name for model, appearance in appearances.items()}
    colour = {model: appearance.colour for model, appearance in appearances.items()}
    with contained():
        blind_vote.row(task, input_id, answers, names, colour)
    with contained():
        if not blind_vote.hides(shown):
            feedback.row(task, input_id, answers, names, colour)
    with st.container(horizontal=True, vertical_alignment="bottom", key="switches"):
        with contained():
            if len(shown) > 1:
                blind_vote.switch()
        with contained():
            engine.choice()


def example(task: Task, answers: list[Answer], available: list[Model], input_id: str) -> None:
    """Draw what an empty page shows: an example, marked as one, with its answers."""
    shown = task.examples[0]
    picture = inputs.kind(task).example(task, shown.raw, shown.title, 24)
    name = "Example" if task.input == "text" else f"Example: {shown.title}"  # a text stands there itself
    st.html(f'<div class="zoo-agree"><span class="zoo-tag">{picture}{escape(name)}</span></div>')
    _columns(
        task,
        answers,
        blind_vote.appearances([answer.model for answer in answers], available),
        shown.raw,
        input_id,
        more=False,
    )
    with contained():
        if len(answers) > 1:
            blind_vote.switch()


def _columns(
    task: Task, answers: list[Answer], appearances: dict[str, Appearance], raw: Any, input_id: str, more: bool
) -> None:
    """Draw a column for each answer. more: with the buttons for evidence, stages and layers."""
    with st.container(horizontal=True, key="answers"):
        for answer in answers:
            appearance = appearances[answer.model.id]
            with st.container(key=f"answer-{appearance.mark}", gap="small"):
                with contained():
                    _column(task, answer, appearance, raw, input_id, more)
                with contained():
                    if more and answer.prediction:
                        _buttons(task, answer, raw, input_id)


def _column(task: Task, answer: Answer, appearance: Appearance, raw: Any, input_id: str, more: bool) -> None:
    reading = _reading(task, answer, raw, input_id, appearance.colour)
    is_rewound = more and answer.prediction and answer.model.id in st.session_state.get(REWIND, set())
    if not (is_rewound and ask.has_moments(answer.model)):
        return column(task, answer, appearance, reading)
    asked = asked_why([answer.model], input_id) if inputs.kind(task).OVERLAID else None
    why = "" if asked is None else asked[1] or answer.prediction.best
    try:
        rewind.column(task, answer, appearance, raw, input_id, reading, why)
    except ZooError as error:
        column(task, answer, appearance, reading)
        notice(str(error))


def _reading(task: Task, answer: Answer, raw: Any, input_id: str, colour: str) -> str:
    if answer.prediction is None:
        return ""
    _, label = asked_why([answer.model], input_id) or (answer.model, None)
    try:
        return inputs.kind(task).column(
            answer.model, raw, label if label in answer.prediction.probabilities else answer.prediction.best, colour
        )
    except Exception as error:
        return f'<p class="zoo-soft">{escape(error_sentence(error))}</p>'


def _buttons(task: Task, answer: Answer, raw: Any, input_id: str) -> None:
    model = answer.model
    asked = st.session_state.get(WHY) == model.id
    open_stages = model.id in st.session_state.get(STAGES, set())
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Why?"
            if inputs.kind(task).OVERLAID
            else "Why not another answer?",  # the column already shows the evidence for the answer
            key=f"why-{model.id}",
            on_click=guarded(_toggle_why),
            args=(model.id,),
            type="primary" if asked else "secondary",
        )
        st.button(
            "What it sees",
            key=f"stages-{model.id}",
            on_click=guarded(_toggle_stages),
            args=(model.id,),
            type="primary" if open_stages else "secondary",
        )
        if ask.has_layers(model):
            st.button(
                "Layers",
                key=f"layers-{model.id}",
                on_click=guarded(_toggle_layers),
                args=(model.id,),
                type="primary" if st.session_state.get(LAYERS) == model.id else "secondary",
            )
        if ask.has_moments(model):
            st.button(
                "Rewind",
                key=f"rewind-button-{model.id}",
                on_click=guarded(_toggle_rewind),
                args=(model.id,),
                type="primary" if model.id in st.session_state.get(REWIND, set()) else "secondary",
            )
        st.page_link(links.models(), label="About", query_params={"model": model.id})
    if asked:
        with contained():
            _label_choice(task, answer, input_id)
    if open_stages:
        with contained():
            stages(ask.stages(model, raw))


def _layers(shown: list[Model], appearances: dict[str, Appearance], raw: Any) -> None:
    """Draw the layers of the selected model, as wide as all columns."""
    for model in shown:
        if model.id == st.session_state.get(LAYERS) and ask.has_layers(model):
            with st.container(key="layers", gap="small"):
                st.html(f'<p class="zoo-ask">Layers of {escape(appearances[model.id].name)}</p>')
                with contained():
                    layers(ask.layers(model, raw))


def _label_choice(task: Task, answer: Answer, input_id: str) -> None:
    """Draw the menu of labels that the evidence can be about.

    The answer, until another label is picked for this input.
    """
    best, id = answer.prediction.best, answer.model.id
    labels = list(answer.prediction.probabilities)
    asked = _asked_label(answer.model, input_id)

    def select(label: str) -> None:
        st.session_state[WHY_LABEL] = {**st.session_state.get(WHY_LABEL, {}), id: (input_id, label)}

    choice(
        "Evidence for or against",
        labels,
        f"why-of-{id}-{input_id}",
        format_option=lambda label: (
            f"Why {shown(task.display_name(label))}?"
            if label == best
            else f"Why not {shown(task.display_name(label))}?"
        ),
        select=select,
        first=labels.index(asked if asked in labels else best),
    )


def _asked_label(model: Model, input_id: str) -> str | None:
    asked, label = st.session_state.get(WHY_LABEL, {}).get(model.id, ("", None))
    return label if asked == input_id else None


def _toggle_why(id: str) -> None:
    st.session_state[WHY] = None if st.session_state.get(WHY) == id else id


def _toggle_stages(id: str) -> None:
    st.session_state[STAGES] = st.session_state.get(STAGES, set()) ^ {id}


def _toggle_rewind(id: str) -> None:
    st.session_state[REWIND] = st.session_state.get(REWIND, set()) ^ {id}


def _toggle_layers(id: str) -> None:
    st.session_state[LAYERS] = None if st.session_state.get(LAYERS) == id else id
