"""The queue: the runs and sweeps that wait, each with a button to remove it, and the run that trains now."""

import time
from collections.abc import Callable

import streamlit as st

from app.hub.lab import live, tools
from app.hub.markup import plain
from app.hub.safety import fragment, guarded
from app.hub.text_blocks import caption
from models import runs
from models.runs import Run
from models.sweeps import Sweep

MAX_SHOWN = 12
RECENT = 3600  # seconds


def show() -> None:
    """Draw the queue, every two seconds while there is one; nothing if nothing trains or waits."""
    active = bool(_waiting())

    def draw() -> None:
        waiting = _waiting()
        if bool(waiting) != active:
            st.rerun()
        _list(waiting)

    if active:
        if not tools.queue().is_working():
            tools.queue().start_worker()  # after the machine was switched off
        fragment(draw, run_every=2 * live.EVERY)()


def current(entry: str) -> Run | None:
    """The run that trains now, or is about to; without one, the latest of `entry` that ended within the last hour."""
    every = runs.runs()
    waiting = {run.id for run in tools.queue().queued()}
    active = [run for run in every if run.state == "running" or (run.state == "queued" and run.id not in waiting)]
    recent = [run for run in every if run.entry == entry and run.ended and time.time() - run.ended < RECENT]
    return next(iter([*active, *sorted(recent, key=lambda run: -(run.ended or 0))]), None)


def _waiting() -> list[Run | Sweep]:
    """What waits, in the order in which it will be started."""
    return sorted([*tools.queue().queued(), *tools.queue().queued_sweeps()], key=lambda item: item.created)


def _list(waiting: list[Run | Sweep]) -> None:
    st.html(f'<h3 class="zoo-head">Waiting: {len(waiting)}</h3>')
    with st.container(key="lab-queue", gap="small"):
        for position, item in enumerate(waiting[:MAX_SHOWN], 1):
            name = item.name if isinstance(item, Sweep) else item.id
            with st.container(horizontal=True, vertical_alignment="center", key=f"lab-queue-{name}"):
                title = f"{position}\\. {plain(name)}{' (sweep)' if isinstance(item, Sweep) else ''}"
                st.markdown(title, width="content")
                st.button("Remove", key=f"lab-remove-{name}", on_click=guarded(_remover(item)))
        if len(waiting) > MAX_SHOWN:
            caption(f"and {len(waiting) - MAX_SHOWN} more")


def _remover(item: Run | Sweep) -> Callable[[], None]:
    if isinstance(item, Sweep):
        return lambda: tools.queue().stop_sweep(item.name)
    return lambda: tools.queue().stop(item.id, keep=False)
