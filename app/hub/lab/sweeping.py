"""Sweeps: one network trained with many settings, to find the best one."""

import time

import streamlit as st

from app.hub.lab import form, results, tools, words
from app.hub.lab.command import MAX_EPOCHS
from app.hub.lab.state import seconds
from app.hub.safety import contained, guarded
from app.hub.text_blocks import caption, notice
from models import catalog, runs, sweeps
from models.entry import Entry
from models.errors import ZooError
from models.sweeps import Sweep

KEY = f"{form.START}sweep-"
LABELS = ("Vary", "Also vary", "And vary")  # up to three hyperparameters
MAX_RUNS = 100  # of one sweep from the page
MAX_SEEDS = 10
MAX_TEXT = 200  # characters of the values of one hyperparameter
FIRST = (("lr", "0.001, 0.01, 0.1"), ("batch", "32, 128"), ("", ""))
FIRST_OF_SEARCH = (("lr", "0.001..0.1"), ("batch", "32, 64, 128"), ("", ""))
NOTHING = "nothing"
WAYS = ("Every combination", "Search")
COMBINED = "List the values to try, separated by commas. Every combination is trained."
SEARCHED = (
    "List the values to try, separated by commas, or enter a range such as 0.001..0.1. Optuna draws settings from "
    "them, more of them where earlier ones did well, and stops poor runs early."
)
MAX_SEARCH = 50  # settings


def show() -> None:
    """Draw the form of a sweep, and the results of the one that is chosen."""
    left, right = st.columns([2, 3], gap="large")
    with left, contained():
        _form()
    with right, contained():
        results.show()


def _form() -> None:
    entry = form.choose_entry()
    datasets = form.choose_datasets(entry, catalog.task(entry.task))
    texts: dict[str, str] = {}
    search = _search()
    st.html(f'<p class="zoo-soft">{SEARCHED if search else COMBINED}</p>')
    names = [name for name in form.effective(entry) if name not in ("refit", "start_from", "few")]
    for number in range(len(LABELS)):
        name, text = _axis(entry, names, number, FIRST_OF_SEARCH if search else FIRST)
        if name and text.strip():
            texts[name] = text
    key = f"{KEY}seeds"
    st.session_state.setdefault(key, 1)
    seeds = int(
        st.number_input(
            "Seeds",
            1,
            MAX_SEEDS,
            step=1,
            key=key,
            help="How many times each setting is trained, each time with other random numbers. More seeds show how "
            "much results differ by chance.",
        )
    )
    try:
        sweep, count = planned(entry, datasets, texts, seeds, search)
    except ZooError as error:
        notice(str(error))
        sweep, count = None, 0
    st.button(
        "Start the sweep",
        type="primary",
        icon=":material/play_arrow:",
        key="lab-sweep",
        disabled=sweep is None,
        on_click=guarded(lambda: _start(sweep)),
    )
    if sweep:
        caption(f"{count} {'run' if count == 1 else 'runs, one after another'}. {_time(sweep, datasets, count)}")


def _search() -> int | None:
    """The number of settings that a search tries; None for every combination."""
    key = f"{KEY}way"
    st.session_state.setdefault(key, WAYS[0])
    with st.container(horizontal=True, vertical_alignment="bottom", key="lab-way"):
        way = st.segmented_control("Try", WAYS, key=key, required=True)
        if way == WAYS[0]:
            return None
        key = f"{KEY}search"
        st.session_state.setdefault(key, 12)
        return int(
            st.number_input(
                "Settings to try", 2, MAX_SEARCH, step=1, key=key, help="The number of settings that Optuna draws."
            )
        )


def _axis(entry: Entry, names: list[str], number: int, usual: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """One hyperparameter and its values, as they are typed. usual: what the form begins with."""
    first, values = usual[number] if usual[number][0] in ("", *names) else ("", "")
    key = f"{KEY}{entry.slug}-{number}{'-search' if usual is FIRST_OF_SEARCH else ''}"
    st.session_state.setdefault(f"{key}-name", first)
    st.session_state.setdefault(f"{key}-values", values)
    with st.container(key=f"lab-grid-axis-{number}"):
        name = st.selectbox(
            LABELS[number],
            ["", *names],
            format_func=lambda name: words.words(name).label if name else NOTHING,
            key=f"{key}-name",
        )
        if not name:
            return "", ""
        text = st.text_input("Values", max_chars=MAX_TEXT, key=f"{key}-values", help=words.words(name).effect)
    return name, text


def planned(
    entry: Entry, datasets: tuple[str, ...], texts: dict[str, str], seeds: int, search: int | None = None
) -> tuple[Sweep, int]:
    """The sweep, and its number of runs. search: the number of settings drawn; None for every combination.

    Raises ZooError for impossible values, and if there are too many runs.
    """
    if not datasets:
        raise ZooError("Choose at least one data set.")
    if search is None and (limits := next((text for text in texts.values() if ".." in text), "")):
        raise ZooError(f"{limits:.80} is a range; choose Search to draw settings from it.")
    settings = {"datasets": ",".join(datasets), **{name: text.replace(" ", "") for name, text in texts.items()}}
    space = tools.space().space_of(entry, settings, search=search is not None)
    epochs = space.ranges.get("epochs")
    most = epochs.high if epochs else max(space.choices.get("epochs", (0,)))
    if most > MAX_EPOCHS:
        raise ZooError(f"At most {MAX_EPOCHS:,} epochs can be trained from this page.")
    count = (search or len(space.combinations)) * seeds
    if count > MAX_RUNS:
        raise ZooError(f"These values would take {count:,} runs; at most {MAX_RUNS} can be trained from this page.")
    sweep = Sweep(
        name=sweeps.free_name(entry.slug),
        entry=entry.slug,
        settings=settings,
        names=tuple(name for name in space.names if name != "datasets"),
        seeds=seeds,
        search=search,
        created=time.time(),
    )
    return sweep, count


def _start(sweep: Sweep) -> None:
    tools.queue().enqueue_sweep(sweep)
    st.session_state[results.CHOSEN] = sweep.name


def _time(sweep: Sweep, datasets: tuple[str, ...], count: int) -> str:
    """Roughly how long it takes, estimated from earlier runs of the network on the same examples."""
    pace = _pace(sweep.entry, list(datasets))
    if pace is None:
        return "There is no estimate of the time, because this network has not been trained on these examples yet."
    epochs = [int(text) for text in sweep.settings.get("epochs", "").split(",") if text.strip().isdigit()]
    mean = sum(epochs) / len(epochs) if epochs else catalog.entry(sweep.entry).recipe.epochs
    return f"About {seconds(pace * mean * count)}, estimated from an earlier run."


def _pace(entry: str, datasets: list[str]) -> float | None:
    """Seconds per epoch, with everything else a run does, in the latest finished run of the network on the data."""
    for run in runs.runs():
        if run.entry == entry and run.recipe.get("datasets") == datasets and run.state == "finished" and run.seconds:
            return run.seconds / max(1, len(runs.curve(run.id)))
    return None
