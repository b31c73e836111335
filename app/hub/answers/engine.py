"""What computes the answers, where there is a choice: ONNX Runtime or PyTorch, CPU or graphics card. For this visit only."""

import streamlit as st

import models
from app.hub.phrases import ENGINES
from app.hub.safety import guarded
from models import loading
from models.predictor import Predictor

KEY = "engine"
SWITCH = "engine-choice"


def load(id: str) -> Predictor:
    """The predictor of a model on the engine that was chosen; the usual one where nothing was."""
    chosen = st.session_state.get(KEY)
    if chosen not in loading.choices():
        return models.load(id)
    engine, device = chosen
    return models.load(id, device=device, engine=engine)


def choice() -> None:
    """The choice; nothing where there is none."""
    choices = loading.choices()
    if len(choices) < 2:
        return
    current = st.session_state.get(KEY)
    st.session_state[SWITCH] = current if current in choices else choices[0]  # its own is lost where the page is left

    def keep() -> None:
        st.session_state[KEY] = st.session_state[SWITCH]

    st.selectbox("Engine", choices, key=SWITCH, format_func=_called, on_change=guarded(keep), width=280)


def _called(one: tuple[str, str]) -> str:
    engine, device = one
    return f"{ENGINES[engine]}, {'CPU' if device == 'cpu' else device}"
