"""The answers of the chosen models, side by side, with why and what each of them saw."""

from html import escape
from typing import Any

import streamlit as st

from app.hub import pages
from app.hub.parts import answer, ask, blind, engine, inputs, verdict
from app.hub.parts.ask import Answer
from app.hub.parts.blind import Face
from app.hub.parts.layers import layers
from app.hub.parts.say import sentence
from app.hub.parts.stages import stages
from models.catalog import Model
from models.errors import ZooError
from models.task import Task

WHY = "why"  # the id of the model whose evidence lies on the input
SAW = "saw"  # the ids of the models whose stages are open
LAYERS = "layers"  # the id of the model whose layers are shown


def asked_why(chosen: list[Model]) -> tuple[Model, str | None] | None:
    """The model whose evidence is asked for, and the label it is asked about (None: its answer)."""
    for model in chosen:
        if model.id == st.session_state.get(WHY) and not blind.hides(chosen):
            return model, st.session_state.get(_label(model))
    return None


def answers(task: Task, given: list[Answer], available: list[Model], raw: Any, which: str) -> None:
    """Whether they agree, a column each, then what the visitor says of them; which: the input's name."""
    shown = [one.model for one in given]
    faces = blind.faces(shown, available)
    answer.agreement(task, [one.prediction for one in given if one.prediction], faces)
    _columns(task, given, faces, raw, more=not blind.hides(shown))
    if not blind.hides(shown):
        _layers(shown, faces, raw)
    called, colour = ({model: getattr(face, part) for model, face in faces.items()} for part in ("name", "colour"))
    blind.row(task, which, given, called, colour)
    if not blind.hides(shown):
        verdict.row(task, which, given, called, colour)
    with st.container(horizontal=True, vertical_alignment="bottom", key="switches"):
        if len(shown) > 1:
            blind.switch()
        engine.choice()


def example(task: Task, given: list[Answer], available: list[Model]) -> None:
    """What an empty page shows: an example with its answers, marked as one."""
    shown = task.examples[0]
    picture = inputs.kind(task).example(shown.raw, shown.title, 24)
    until = f"an example, until you {task.prompt.removesuffix(' here')}"
    if task.input == "picture":  # which need not show what the page asks for
        until = f"an example: {shown.title}"
    st.html(f'<div class="zoo-agree"><span class="zoo-tag">{picture}{escape(until)}</span></div>')
    _columns(task, given, blind.faces([one.model for one in given], available), shown.raw, more=False)
    if len(given) > 1:
        blind.switch()


def _columns(task: Task, given: list[Answer], faces: dict[str, Face], raw: Any, more: bool) -> None:
    """A column with each answer and, where there is more to ask, the buttons for it."""
    with st.container(horizontal=True, key="answers"):
        for one in given:
            face = faces[one.model.id]
            with st.container(key=f"answer-{face.mark}", gap="small"):
                answer.answer(task, one, face, _read(task, one, raw, face.colour))
                if more and one.prediction:
                    _more(task, one, raw)


def _read(task: Task, one: Answer, raw: Any, colour: str) -> str:
    if one.prediction is None:
        return ""
    _, label = asked_why([one.model]) or (one.model, None)
    try:
        return inputs.kind(task).column(one.model, raw, label or one.prediction.best, colour)
    except ZooError as error:
        return f'<p class="zoo-soft">{escape(str(error))}</p>'


def _more(task: Task, one: Answer, raw: Any) -> None:
    model = one.model
    asked = st.session_state.get(WHY) == model.id
    saw = model.id in st.session_state.get(SAW, set())
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "why?" if inputs.kind(task).OVERLAID else "why not another?",  # why it said this stands on a text already
            key=f"why-{model.id}",
            on_click=_toggle_why,
            args=(model.id,),
            type="primary" if asked else "secondary",
        )
        st.button(
            "what it saw",
            key=f"saw-{model.id}",
            on_click=_toggle_saw,
            args=(model.id,),
            type="primary" if saw else "secondary",
        )
        if ask.has_layers(model):
            st.button(
                "layers",
                key=f"layers-{model.id}",
                on_click=_toggle_layers,
                args=(model.id,),
                type="primary" if st.session_state.get(LAYERS) == model.id else "secondary",
            )
        st.page_link(pages.models(), label="about it", query_params={"model": model.id})
    if asked:
        _pick(task, one)
    if saw:
        try:
            stages(ask.stages(model, raw))
        except ZooError as error:
            sentence(str(error))


def _layers(shown: list[Model], faces: dict[str, Face], raw: Any) -> None:
    """The layers of the model they are asked of, as wide as all columns."""
    for model in shown:
        if model.id == st.session_state.get(LAYERS) and ask.has_layers(model):
            with st.container(key="layers", gap="small"):
                st.html(f'<p class="zoo-ask">What each layer of {escape(faces[model.id].name)} saw</p>')
                try:
                    layers(ask.layers(model, raw))
                except ZooError as error:
                    sentence(str(error))


def _pick(task: Task, one: Answer) -> None:
    best = one.prediction.best
    st.selectbox(
        "Evidence for or against",
        list(one.prediction.probabilities),
        key=_label(one.model),
        format_func=lambda label: f"why {task.called(label)}?" if label == best else f"why not {task.called(label)}?",
        label_visibility="collapsed",
    )


def _label(model: Model) -> str:
    return f"why-of-{model.id}"


def _toggle_why(name: str) -> None:
    st.session_state[WHY] = None if st.session_state.get(WHY) == name else name


def _toggle_saw(name: str) -> None:
    st.session_state[SAW] = st.session_state.get(SAW, set()) ^ {name}


def _toggle_layers(name: str) -> None:
    st.session_state[LAYERS] = None if st.session_state.get(LAYERS) == name else name
