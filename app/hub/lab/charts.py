"""The curves of a run while it trains, and of several runs together.

The scales of a run in progress are fixed: the lines grow into the chart, and nothing else moves.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import floor, log10
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

BLUE, ORANGE = "#5b5bd6", "#c26a1e"  # training and validation: at least 3:1 on the light and the dark page
NAMES = ("training", "validation")
HEIGHT, LOW = 248, 136
STROKES = {"orient": "top", "titleOrient": "left", "symbolType": "stroke", "symbolSize": 400, "symbolStrokeWidth": 3}


def live(rows: Sequence[Mapping[str, Any]], epochs: int, lr: float, is_over: bool = False) -> None:
    """Loss and accuracy side by side, and the learning rate below. rows: of `models.runs.curve`. epochs: planned.

    lr: the highest learning rate. is_over: whether no rows will follow; the scales then fit all of them, otherwise the
    first, so that nothing moves, and a chart without a value is left out: mean images have no loss.
    """
    first = [row for row in rows if row["part"] == "validation"]
    x = alt.X("Epoch:Q", scale=alt.Scale(domain=[0, max(epochs, 2)], nice=False), axis=_whole(epochs))
    left, right = st.columns(2, gap="small")
    with left:
        losses = _long(first, {"loss": NAMES[0], "validation loss": NAMES[1]})
        most = max((row["Value"] for row in losses if is_over or row["Epoch"] <= 1), default=1.0)
        if losses or not is_over:
            _lines(losses, x, alt.Y("Value:Q", title=None, scale=_fixed(0, _ceiling(most))), "Loss", "live-loss")
    with right:
        shares = _long(first, {"train accuracy": NAMES[0], "accuracy": NAMES[1]})
        least = min((row["Value"] for row in shares if is_over or row["Epoch"] <= 1), default=0.0)
        y = alt.Y("Value:Q", title=None, scale=_fixed(max(0, floor(10 * least) / 10), 1), axis=alt.Axis(format=".0%"))
        if shares or not is_over:
            _lines(shares, x, y, "Accuracy", "live-accuracy")
    rates = [{"Epoch": row["epoch"], "Value": row["lr"]} for row in first if "lr" in row]
    if is_over and not rates:
        return
    most = max([lr, *(row["Value"] for row in rates)])
    y = alt.Y("Value:Q", title=None, axis=alt.Axis(format=".2~r", tickCount=3), scale=_fixed(0, _ceiling(most)))
    line = alt.Chart(_frame(rates, "Value")).mark_line(color=BLUE, strokeWidth=2, clip=True).encode(x=x, y=y)
    properties = {"title": _title("Learning rate"), "description": "Learning rate by epoch."}
    st.altair_chart(line.properties(height=LOW, **properties), key="live-rate")


def together(curves: Mapping[str, Sequence[Mapping[str, Any]]], colours: Mapping[str, str]) -> None:
    """The curves of several runs in the same charts: validation accuracy and loss, if any has them.

    curves: run id -> rows.
    """
    for place, name, title, shape in zip(
        st.columns(2), ("accuracy", "validation loss"), ("Accuracy", "Loss"), (".0%", "~g"), strict=True
    ):
        data = pd.DataFrame(
            [
                {"Run": id, "Epoch": row["epoch"], title: row[name]}
                for id, rows in curves.items()
                for row in rows
                if row["part"] == "validation" and name in row
            ],
            columns=["Run", "Epoch", title],
        )
        drawn = [id for id in curves if (data["Run"] == id).any()]
        if not drawn:
            continue
        scale = alt.Scale(domain=drawn, range=[colours[id] for id in drawn])
        chart = (
            alt.Chart(data)
            .mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=24))
            .encode(
                x=alt.X("Epoch:Q", axis=alt.Axis(tickMinStep=1, format="d")),
                y=alt.Y(
                    f"{title}:Q",
                    title=f"Validation {title.lower()}",
                    scale=alt.Scale(zero=False),
                    axis=alt.Axis(format=shape),
                ),
                color=alt.Color(
                    "Run:N", scale=scale, legend=alt.Legend(orient="top", title=None, columns=2, labelLimit=240)
                ),
                tooltip=["Run:N", "Epoch:Q", alt.Tooltip(f"{title}:Q", format=".2%" if name == "accuracy" else ".4f")],
            )
        )
        place.altair_chart(chart.properties(height=288, description=f"{title} of the chosen runs by epoch."))


def _lines(rows: list[dict[str, Any]], x: alt.X, y: alt.Y, title: str, key: str) -> None:
    shades = alt.Scale(domain=NAMES, range=[BLUE, ORANGE])
    chart = (
        alt.Chart(_frame(rows, "Value", "Examples"))
        .mark_line(strokeWidth=2, clip=True, point=alt.OverlayMarkDef(size=24, strokeWidth=0))
        .encode(
            x=x,
            y=y,
            color=alt.Color("Examples:N", scale=shades, legend=alt.Legend(title=title, **STROKES)),
            strokeDash=alt.StrokeDash("Examples:N", scale=alt.Scale(domain=NAMES, range=[[1, 0], [6, 3]]), legend=None),
            tooltip=["Examples:N", "Epoch:Q", alt.Tooltip("Value:Q", format=".4~f")],
        )
    )
    st.altair_chart(chart.properties(height=HEIGHT, description=f"{title} by epoch."), key=key)


def _long(rows: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {"Epoch": row["epoch"], "Value": row[name], "Examples": shown}
        for row in rows
        for name, shown in names.items()
        if name in row
    ]


def _frame(rows: list[dict[str, Any]], *columns: str) -> pd.DataFrame:
    """A table with the same types whether or not it has rows, so that the chart stays the same."""
    data = pd.DataFrame(rows, columns=["Epoch", *columns])
    return data.astype({"Epoch": float, "Value": float, **({"Examples": str} if "Examples" in data else {})})


def _title(text: str) -> alt.TitleParams:
    return alt.TitleParams(text, anchor="start", fontSize=14, fontWeight="bold", offset=4)


def _fixed(low: float, high: float) -> alt.Scale:
    return alt.Scale(domain=[low, high], nice=False)


def _whole(epochs: int) -> alt.Axis:
    return alt.Axis(tickMinStep=1, tickCount=min(epochs, 6), format="d", grid=False)


def _ceiling(value: float) -> float:
    """The next number that is 1, 1.5, 2, 3, 5 or 7.5 times a power of ten."""
    power = 10 ** floor(log10(value)) if value > 0 else 1.0
    return next(step * power for step in (1, 1.5, 2, 3, 5, 7.5, 10) if step * power >= value)
