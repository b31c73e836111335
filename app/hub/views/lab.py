"""The lab, `/lab`: train a network in the page, compare runs, sweep over hyperparameters. `?run=<id>` shows a run."""

import streamlit as st

from app.hub.glossary import glossary
from app.hub.lab import access, form, history, live, sweeping, tools, waiting
from app.hub.lab.command import Choice, arguments, check_name
from app.hub.safety import contained, guarded, show_failed_callback
from app.hub.text_blocks import caption, hero, notice, tab_title
from models import catalog, runs
from models.entry import Entry
from models.errors import ZooError
from models.runs import Run

SHOWN = "lab-shown"  # the run of the last address; if it is gone, it was discarded, here or in another tab
TRAIN, RUNS, SWEEP = VIEWS = ("Train", "Runs", "Sweep")


def show() -> None:
    """Draw the page, or a sentence on why it cannot be used."""
    tab_title(access.TITLE)
    if obstacle := access.obstacle():
        hero("The lab", access.INTRODUCTION)
        notice(obstacle)
        return
    form.keep_values()
    if opened := st.session_state.pop(history.OPEN, None):
        st.session_state["view"] = TRAIN
        st.query_params.from_dict({"run": opened})
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="head"):
        hero("The lab", access.INTRODUCTION)
        view = st.segmented_control(
            "Part of the lab",
            VIEWS,
            default=TRAIN,
            key="view",
            bind="query-params",
            label_visibility="collapsed",
            required=True,
        )
    show_failed_callback()
    with contained():
        {RUNS: history.show, SWEEP: sweeping.show}.get(view or TRAIN, _train)()
    with contained():
        glossary()


def _train() -> None:
    """The form with the run beside it; on a phone, the run stands between the form and what is rarely changed."""
    with st.container(key="lab-layout"):
        first, second, more = st.container(key="lab-form"), st.container(key="lab-run"), st.container(key="lab-more")
    with first, contained():
        form.form(access.is_local(), _button, more)
    with second:
        with contained():
            entry = form.chosen()
            if run := _chosen(entry):
                if run.entry != entry.slug:
                    notice(f"This is a run of {_title(run)}, not of the network in the form.")
                live.show(run)
            else:
                notice("Press Train. The curves appear here and grow as the network learns.")
                caption("Training goes on if you close this page; come back to it at any time.")
        with contained():
            waiting.show()


def _button(choice: Choice) -> None:
    st.button(
        "Train",
        type="primary",
        icon=":material/play_arrow:",
        key="lab-train",
        disabled=not choice.is_complete,
        on_click=guarded(lambda: _start(choice)),
    )


def _start(choice: Choice) -> None:
    """Add the run to the queue, and show it unless another one trains, which stays in view above the queue."""
    check_name(choice.name)
    training = live.trains_now()
    run = tools.queue().enqueue(arguments(choice))
    st.query_params["run"] = (training or run).id


def _title(run: Run) -> str:
    """The network of a run, by its title if it is still there."""
    entry = catalog.entries().get(run.entry)
    return f"{entry.title} ({catalog.task(entry.task).title})" if entry else run.entry


def _chosen(entry: Entry) -> Run | None:
    """The run in the address; without one, that which trains now or, of `entry`, has just ended.

    A run that trains is then in the address, so that it stays in view when it has ended.
    """
    asked = st.query_params.get("run", "")
    if asked:
        try:
            run = runs.read(asked)
        except ZooError as error:
            if st.session_state.get(SHOWN) != asked:
                notice(str(error))
                return None
            notice(f"The run {asked} has been removed.")
            st.query_params.pop("run")
        else:
            st.session_state[SHOWN] = asked
            return run
    run = waiting.current(entry.slug)
    if run and run.state in live.ACTIVE:
        st.query_params["run"] = run.id
    return run
