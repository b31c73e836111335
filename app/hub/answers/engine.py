"""The choice of engine, if there is one: ONNX Runtime or PyTorch, CPU or GPU. For this visit only."""

import streamlit as st

import models
from app.hub.phrases import ENGINES
from app.hub.safety import guarded
from models import loading
from models.predictor import Predictor

KEY = "engine"
SWITCH = "engine-choice"


def load(id: str) -> Predictor:
    """A model's predictor on the chosen engine, or on the default one."""
    selected = st.session_state.get(KEY)
    if selected not in loading.choices():
        return models.load(id)
    engine, device = selected
    return models.load(id, device=device, engine=engine)


def choice() -> None:
    """Draw the menu of engines; nothing if there is only one."""
    choices = loading.choices()
    if len(choices) < 2:
        return
    current = st.session_state.get(KEY)
    st.session_state[SWITCH] = (
        current if current in choices else choices[0]
    )  # Streamlit drops it when the visitor leaves the page

    def select() -> None:
        st.session_state[KEY] = st.session_state[SWITCH]

    st.selectbox("Engine", choices, key=SWITCH, format_func=_name, on_change=guarded(select), width=280)


def _name(choice: tuple[str, str]) -> str:
    engine, device = choice
    return f"{ENGINES[engine]}, {'CPU' if device == 'cpu' else device}"
