"""The answers of the chosen models, side by side, with why and what each of them saw."""

from html import escape
from typing import Any

import streamlit as st

from app.hub import inputs, links
from app.hub.answers import answer, ask, blind_vote, engine, feedback
from app.hub.answers.activations import layers
from app.hub.answers.ask import Answer
from app.hub.answers.blind_vote import Face
from app.hub.answers.stages import stages
from app.hub.choice import choice
from app.hub.safety import contained, explained, guarded
from models.catalog import Model
from models.task import Task

WHY = "why"  # the id of the model whose evidence lies on the input
WHY_LABEL = "why-label"  # model id -> (the input's name, the label that its evidence was asked about then)
SAW = "saw"  # the ids of the models whose stages are open
LAYERS = "layers"  # the id of the model whose layers are shown


def asked_why(chosen: list[Model], which: str) -> tuple[Model, str | None] | None:
    """The model whose evidence is asked for, and the label it is asked about (None: its answer); which: the input's name."""
    for model in chosen:
        if model.id == st.session_state.get(WHY) and not blind_vote.hides(chosen):
            return model, _asked_label(model, which)
    return None


def answers(task: Task, given: list[Answer], available: list[Model], raw: Any, which: str) -> None:
    """Whether they agree, a column each, then what the visitor says of them; which: the input's name."""
    shown = [one.model for one in given]
    faces = blind_vote.faces(shown, available)
    with contained():
        answer.agreement(task, [one.prediction for one in given if one.prediction], faces)
    _columns(task, given, faces, raw, which, more=not blind_vote.hides(shown))
    if not blind_vote.hides(shown):
        _layers(shown, faces, raw)
    called, colour = ({model: getattr(face, part) for model, face in faces.items()} for part in ("name", "colour"))
    with contained():
        blind_vote.row(task, which, given, called, colour)
    with contained():
        if not blind_vote.hides(shown):
            feedback.row(task, which, given, called, colour)
    with st.container(horizontal=True, vertical_alignment="bottom", key="switches"):
        with contained():
            if len(shown) > 1:
                blind_vote.switch()
        with contained():
            engine.choice()


def example(task: Task, given: list[Answer], available: list[Model], which: str) -> None:
    """What an empty page shows: an example with its answers, marked as one."""
    shown = task.examples[0]
    picture = inputs.kind(task).example(shown.raw, shown.title, 24)
    name = "Example" if task.input == "text" else f"Example: {shown.title}"  # a text stands there itself
    st.html(f'<div class="zoo-agree"><span class="zoo-tag">{picture}{escape(name)}</span></div>')
    _columns(task, given, blind_vote.faces([one.model for one in given], available), shown.raw, which, more=False)
    with contained():
        if len(given) > 1:
            blind_vote.switch()


def _columns(task: Task, given: list[Answer], faces: dict[str, Face], raw: Any, which: str, more: bool) -> None:
    """A column with each answer and, where there is more to ask, the buttons for it."""
    with st.container(horizontal=True, key="answers"):
        for one in given:
            face = faces[one.model.id]
            with st.container(key=f"answer-{face.mark}", gap="small"):
                with contained():
                    answer.answer(task, one, face, _read(task, one, raw, which, face.colour))
                with contained():
                    if more and one.prediction:
                        _more(task, one, raw, which)


def _read(task: Task, one: Answer, raw: Any, which: str, colour: str) -> str:
    if one.prediction is None:
        return ""
    _, label = asked_why([one.model], which) or (one.model, None)
    try:
        return inputs.kind(task).column(
            one.model, raw, label if label in one.prediction.probabilities else one.prediction.best, colour
        )
    except Exception as error:
        return f'<p class="zoo-soft">{escape(explained(error))}</p>'


def _more(task: Task, one: Answer, raw: Any, which: str) -> None:
    model = one.model
    asked = st.session_state.get(WHY) == model.id
    saw = model.id in st.session_state.get(SAW, set())
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Why?" if inputs.kind(task).OVERLAID else "Why not another?",  # why it said this stands on a text already
            key=f"why-{model.id}",
            on_click=guarded(_toggle_why),
            args=(model.id,),
            type="primary" if asked else "secondary",
        )
        st.button(
            "What it sees",
            key=f"saw-{model.id}",
            on_click=guarded(_toggle_saw),
            args=(model.id,),
            type="primary" if saw else "secondary",
        )
        if ask.has_layers(model):
            st.button(
                "Layers",
                key=f"layers-{model.id}",
                on_click=guarded(_toggle_layers),
                args=(model.id,),
                type="primary" if st.session_state.get(LAYERS) == model.id else "secondary",
            )
        st.page_link(links.models(), label="About", query_params={"model": model.id})
    if asked:
        with contained():
            _pick(task, one, which)
    if saw:
        with contained():
            stages(ask.stages(model, raw))


def _layers(shown: list[Model], faces: dict[str, Face], raw: Any) -> None:
    """The layers of the model they are asked of, as wide as all columns."""
    for model in shown:
        if model.id == st.session_state.get(LAYERS) and ask.has_layers(model):
            with st.container(key="layers", gap="small"):
                st.html(f'<p class="zoo-ask">Layers of {escape(faces[model.id].name)}</p>')
                with contained():
                    layers(ask.layers(model, raw))


def _pick(task: Task, one: Answer, which: str) -> None:
    """The label that the evidence is about: the answer, until another one is picked for this input."""
    best, id = one.prediction.best, one.model.id
    labels = list(one.prediction.probabilities)
    asked = _asked_label(one.model, which)

    def keep(label: str) -> None:
        st.session_state[WHY_LABEL] = {**st.session_state.get(WHY_LABEL, {}), id: (which, label)}

    choice(
        "Evidence for or against",
        labels,
        f"why-of-{id}-{which}",
        words=lambda label: (
            f"Why {task.display_name(label)}?" if label == best else f"Why not {task.display_name(label)}?"
        ),
        keep=keep,
        first=labels.index(asked if asked in labels else best),
    )


def _asked_label(model: Model, which: str) -> str | None:
    asked, label = st.session_state.get(WHY_LABEL, {}).get(model.id, ("", None))
    return label if asked == which else None


def _toggle_why(name: str) -> None:
    st.session_state[WHY] = None if st.session_state.get(WHY) == name else name


def _toggle_saw(name: str) -> None:
    st.session_state[SAW] = st.session_state.get(SAW, set()) ^ {name}


def _toggle_layers(name: str) -> None:
    st.session_state[LAYERS] = None if st.session_state.get(LAYERS) == name else name
