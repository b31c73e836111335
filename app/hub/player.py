"""A slider of steps with a button that plays them. The step stands in the address."""

import time
from collections.abc import Callable
from functools import wraps

import streamlit as st

from app.hub.safety import fragment, guarded

# While it plays, the step follows from the clock, and the slider is not there: a browser that is behind would send its
# old position back, which looks as if the visitor had moved it.


class Player:
    """One slider of a page. name: its part of the address. most: the last step. seconds: for a step."""

    def __init__(self, name: str, most: int, seconds: float) -> None:
        self.name, self.most, self.seconds = name, most, seconds
        self._began = f"{name}-began"  # when it began to play, and at which step

    @property
    def playing(self) -> bool:
        return self._began in st.session_state

    @property
    def step(self) -> int:
        """The current step."""
        if not self.playing:
            return int(st.session_state.get(self.name, 0))
        began, first = st.session_state[self._began]
        return min(self.most, first + int((time.monotonic() - began) / self.seconds))

    def draw(self, body: Callable[[], None]) -> None:
        """Draw a part of the page again whenever the step changes."""
        playing = self.playing

        @wraps(body)
        def drawn() -> None:
            if self.playing != playing:
                st.rerun()  # the whole page: how often a part is drawn is decided there
            body()

        fragment(drawn, run_every=self.seconds if playing else None)()

    def slider(self, label: str) -> int:
        """Draw the slider and return the step."""
        with st.container(key=f"player-{self.name}"):
            if self.playing:
                step = self.step
                st.progress(step / self.most, text=f"{label}: {step}")
                return step
            return int(st.slider(label, 0, self.most, 0, key=self.name, bind="query-params"))

    def button(self, primary: bool = False) -> None:
        """Draw the button that plays from here, or from the start if this is the last step, and pauses."""
        label, icon = ("Pause", "pause") if self.playing else ("Play", "play_arrow")
        kind = "primary" if primary else "secondary"
        st.button(label, type=kind, icon=f":material/{icon}:", on_click=guarded(self._toggle))

    def stop(self, step: int | None = None) -> None:
        """Stop here, or at `step`. Before the slider is drawn."""
        st.session_state[self.name] = min(self.most, self.step if step is None else step)
        st.session_state.pop(self._began, None)

    def _toggle(self) -> None:
        if self.playing:
            self.stop()
        else:
            st.session_state[self._began] = (time.monotonic(), 0 if self.step == self.most else self.step)
