"""The results of a sweep: a table, a chart, the best setting as a command, and a CSV file."""

from collections.abc import Iterable, Sequence
from math import prod
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from app.hub.lab import tools, words
from app.hub.lab.state import STATES, seconds
from app.hub.safety import fragment, guarded
from app.hub.text_blocks import caption, notice, table
from models import catalog, sweeps
from models.errors import ZooError
from models.sweeps import Row, Sweep

CHOSEN = "lab-sweep-chosen"
EVERY = 2.0  # seconds between two looks at a sweep
BLUE = "#5b5bd6"
MAX_REASON = 120  # characters
SHADES = ["#e3e3f7", "#3f3fb0"]  # of the lowest and the highest accuracy


def show() -> None:
    """Draw the results of the chosen sweep, every two seconds while it trains."""
    every = {sweep.name: sweep for sweep in sweeps.sweeps()}
    if not every:
        notice("A sweep trains one network with many settings and shows which is best. Its results appear here.")
        return
    if st.session_state.get(CHOSEN) not in every:
        asked = st.query_params.get("sweep", "")
        st.session_state[CHOSEN] = asked if asked in every else next(iter(every))
    name = st.selectbox("Results of", list(every), key=CHOSEN)
    st.query_params["sweep"] = name
    sweep, state = every[name], tools.queue().state_of_sweep(name)
    if state != "ended":
        word = "Remove from the queue" if state == "queued" else "Stop the sweep"
        st.button(word, key="lab-stop-sweep", icon=":material/stop_circle:", on_click=guarded(lambda: _stop(name)))

    def draw() -> None:
        if state != "ended" and tools.queue().state_of_sweep(name) != state:
            st.rerun()
        _results(sweep, state)

    fragment(draw, run_every=EVERY if state != "ended" else None)()


def _stop(name: str) -> None:
    tools.queue().stop_sweep(name)


def _results(sweep: Sweep, state: str) -> None:
    rows = sweeps.rows(sweep)
    every = [run for row in rows for run in row.runs]
    done = sum(run.state != "running" for run in every)
    total = _total(sweep)
    if state == "queued":
        notice("This sweep starts when the runs and sweeps before it in the queue have ended.")
        return
    if state == "running":
        st.progress(min(1.0, done / total), text=f"{done} of {total} runs done")
    elif done < total:
        notice(f"Stopped after {done} of {total} runs. To continue: `zoo sweep --resume {sweep.name}`.")
    if not rows:
        return
    if any(row.accuracy is not None for row in rows):
        picture(sweep, rows)
    _table(sweep, rows)
    if (best := sweeps.best(sweep, rows)) and best.accuracy is not None:
        so_far = " so far" if state == "running" else ""
        st.markdown(f"**The best setting{so_far}, as a command to copy**")
        st.code(sweeps.command(best), language=None, wrap_lines=True)
        caption("The best of many settings owes part of its result to chance: expect slightly less on other examples.")
    st.download_button(
        "Download as CSV",
        data=lambda: sweeps.to_csv(sweep, sweeps.rows(sweep)),
        file_name=f"{sweep.name}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _choices(sweep: Sweep) -> dict[str, list[str]]:
    """The values that a sweep tries, as the page writes them, by hyperparameter; none for a range of a search."""
    try:
        space = tools.space().space_of(catalog.entry(sweep.entry), sweep.settings, search=True)
    except ZooError:  # the entry or one of its hyperparameters no longer exists
        return {}
    return {name: [words.value(name, value) for value in values] for name, values in space.choices.items()}


def _total(sweep: Sweep) -> int:
    """The number of runs of a sweep. Of a search, some may be stopped early."""
    return sweep.seeds * (sweep.search or prod(len(values) for values in _choices(sweep).values()))


def _table(sweep: Sweep, rows: Sequence[Row]) -> None:
    heads = ["Rank", *(words.words(name).label for name in sweep.names), "Accuracy", "Loss", "Time", "State"]
    body = []
    for rank, row in enumerate(rows, 1):
        spread = "" if row.spread is None else f" ± {100 * row.spread:.1f}"
        body.append(
            [
                str(rank) if row.accuracy is not None else "–",
                *(words.value(name, value) for name, value in row.settings.items()),
                "–" if row.accuracy is None else f"{100 * row.accuracy:.1f}%{spread}",
                "–" if row.loss is None else f"{row.loss:.3f}",
                seconds(row.seconds),
                _state(row),
            ]
        )
    table("Validation accuracy and loss, best first", heads, body)


def _state(row: Row) -> str:
    """The state of a setting, with the reason if a run failed."""
    state, _, reason = row.state.partition(": ")
    text = STATES.get(state, state) + (f": {reason}" if reason else "")
    return text if len(text) <= MAX_REASON else f"{text[:MAX_REASON]}…"


def picture(sweep: Sweep, rows: Sequence[Row]) -> None:
    """A heat map of two hyperparameters, dots for one, lines across the axes for more."""
    data = pd.DataFrame(
        [
            {**{name: words.value(name, row.settings[name]) for name in sweep.names}, "Accuracy": row.accuracy}
            for row in rows
            if row.accuracy is not None
        ]
    )
    planned = {} if sweep.search else _choices(sweep)
    orders = {name: _ordered(planned.get(name, data[name])) for name in sweep.names}
    numbers = [
        name for name in sweep.names if pd.api.types.is_numeric_dtype(pd.Series([r.settings[name] for r in rows]))
    ]
    if sweep.search and numbers and len(sweep.names) < 3:
        _scatter(sweep, rows, numbers[-1])
    elif len(sweep.names) == 1:
        _dots(data, sweep.names[0], orders)
    elif len(sweep.names) == 2:
        _heat_map(data, *sweep.names, orders)
    elif len(sweep.names) > 2:
        _lines(data, sweep.names, orders)


def _axis(name: str, orders: dict[str, list[str]]) -> dict[str, Any]:
    order = orders[name]
    return {"title": words.words(name).label, "sort": order, "scale": alt.Scale(domain=order)}


def _ordered(values: Iterable[str]) -> list[str]:
    """The values in the order of the numbers they are, or of the alphabet."""

    def number(text: str) -> tuple[bool, float, str]:
        try:
            return False, float(text.replace(",", "")), text
        except ValueError:
            return True, 0.0, text

    return sorted(set(values), key=number)


def _dots(data: pd.DataFrame, name: str, orders: dict[str, list[str]]) -> None:
    chart = (
        alt.Chart(data)
        .mark_line(color=BLUE, strokeWidth=2, point=alt.OverlayMarkDef(size=80, color=BLUE))
        .encode(
            x=alt.X(f"{name}:O", axis=alt.Axis(labelAngle=0), **_axis(name, orders)),
            y=alt.Y("Accuracy", scale=alt.Scale(zero=False), axis=alt.Axis(format=".0%")),
            tooltip=[name, alt.Tooltip("Accuracy", format=".2%")],
        )
    )
    st.altair_chart(chart.properties(height=240, description="Accuracy for each value."), key="lab-sweep-chart")


def _scatter(sweep: Sweep, rows: Sequence[Row], name: str) -> None:
    """The settings of a search as dots: accuracy by one number, in the colour of the other hyperparameter."""
    others = [other for other in sweep.names if other != name]
    data = pd.DataFrame(
        [
            {
                name: row.settings[name],
                "Accuracy": row.accuracy,
                "Other": words.value(others[0], row.settings[others[0]]),
            }
            if others
            else {name: row.settings[name], "Accuracy": row.accuracy, "Other": ""}
            for row in rows
            if row.accuracy is not None
        ]
    )
    wide = data[name].min() > 0 and data[name].max() / data[name].min() > 5
    colour = (
        alt.Color(
            "Other:N", title=words.words(others[0]).label, sort=_ordered(data["Other"]), legend=alt.Legend(orient="top")
        )
        if others
        else alt.value(BLUE)
    )
    chart = (
        alt.Chart(data)
        .mark_circle(size=110, opacity=0.9)
        .encode(
            x=alt.X(
                f"{name}:Q",
                title=words.words(name).label,
                axis=alt.Axis(tickCount=5),
                scale=alt.Scale(type="log" if wide else "linear", zero=False),
            ),
            y=alt.Y("Accuracy", scale=alt.Scale(zero=False), axis=alt.Axis(format=".0%")),
            color=colour,
            tooltip=[name, *(["Other"] if others else []), alt.Tooltip("Accuracy", format=".2%")],
        )
    )
    description = "Accuracy of each setting; the table has the same figures."
    st.altair_chart(chart.properties(height=280, description=description), key="lab-sweep-chart")


def _heat_map(data: pd.DataFrame, first: str, second: str, orders: dict[str, list[str]]) -> None:
    low, high = float(data["Accuracy"].min()), float(data["Accuracy"].max())
    base = alt.Chart(data).encode(
        x=alt.X(f"{first}:O", axis=alt.Axis(labelAngle=0), **_axis(first, orders)),
        y=alt.Y(f"{second}:O", **_axis(second, orders)),
        tooltip=[first, second, alt.Tooltip("Accuracy", format=".2%")],
    )
    shade = alt.Color("Accuracy", scale=alt.Scale(domain=[low, max(high, low + 1e-9)], range=SHADES), legend=None)
    text = base.mark_text(fontSize=14, fontWeight="bold").encode(
        text=alt.Text("Accuracy", format=".1%"),
        color=alt.condition(alt.datum.Accuracy > (low + high) / 2, alt.value("#fff"), alt.value("#1d1d26")),
    )
    height = 72 + 56 * len(orders[second])
    chart = (base.mark_rect(cornerRadius=4).encode(color=shade) + text).properties(height=height)
    st.altair_chart(
        chart.properties(description="Accuracy for each combination; the table has the same figures."),
        key="lab-sweep-chart",
    )


def _lines(data: pd.DataFrame, names: Sequence[str], orders: dict[str, list[str]]) -> None:
    """Parallel coordinates: one line per setting through its values, the last axis is the accuracy."""
    low, high = float(data["Accuracy"].min()), float(data["Accuracy"].max())
    points, ticks = [], []
    for name in names:
        title, values = words.words(name).label, orders[name]
        place = {value: index / max(1, len(values) - 1) for index, value in enumerate(values)}
        ticks += [{"Axis": title, "Place": place[value], "Text": value} for value in values]
        points += [
            {"Axis": title, "Place": place[value], "Setting": index, "Accuracy": share}
            for index, (value, share) in enumerate(zip(data[name], data["Accuracy"], strict=True))
        ]
    for index, share in enumerate(data["Accuracy"]):
        place = (share - low) / (high - low) if high > low else 0.5
        points.append({"Axis": "Accuracy", "Place": place, "Setting": index, "Accuracy": share})
    ticks += [{"Axis": "Accuracy", "Place": place, "Text": f"{100 * v:.1f}%"} for place, v in ((0, low), (1, high))]
    order = [*(words.words(name).label for name in names), "Accuracy"]
    x = alt.X("Axis:N", sort=order, title=None, axis=alt.Axis(labelAngle=0, orient="top", grid=True))
    y = alt.Y("Place", axis=None, scale=alt.Scale(domain=[-0.08, 1.08]))
    lines = (
        alt.Chart(pd.DataFrame(points))
        .mark_line(strokeWidth=2.5, opacity=0.9)
        .encode(
            x=x,
            y=y,
            detail="Setting",
            color=alt.Color(
                "Accuracy", scale=alt.Scale(domain=[low, max(high, low + 1e-9)], scheme="viridis"), legend=None
            ),
            tooltip=[alt.Tooltip("Accuracy", format=".2%")],
        )
    )
    labels = (
        alt.Chart(pd.DataFrame(ticks))
        .mark_text(dx=8, align="left", fontSize=13, fontWeight="bold")
        .encode(x=x, y=y, text="Text")
    )
    st.altair_chart(
        (lines + labels).properties(height=288, description="One line per setting; the table has the same figures."),
        key="lab-sweep-chart",
    )
