"""The models of the zoo as a table and as a chart of accuracy against size."""

from collections.abc import Sequence
from math import floor
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from app import speed
from app.hub.parts import words
from app.hub.parts.assets import component
from app.hub.parts.colours import of_all
from app.hub.parts.names import names
from models.catalog import Model

KEY = "zoo-table"
GREY = "#80808c"  # of the legend's shapes


def table(models: Sequence[Model]) -> tuple[str | None, list[Model]]:
    """The table, sortable and searchable; the id of the model somebody opened, and the models that search and filters leave."""
    colour, called = of_all(models), names(models)
    took = speed.known()
    opened = component("table")(
        key=KEY,
        data={"rows": [_row(model, called[model.id], colour[model.id], took.get(model.id)) for model in models]},
        on_opened_change=lambda: None,
        on_shown_change=lambda: None,
    )
    return chosen(opened.get("opened"), opened.get("shown"), models)


def chosen(opened: Any, shown: Any, models: Sequence[Model]) -> tuple[str | None, list[Model]]:
    """What the browser said, whatever it said: an id if it is one of these models', and the models among the ids that are shown."""
    ids = {model.id for model in models}
    left = [one for one in shown if isinstance(one, str)] if isinstance(shown, list) else ids
    return opened if isinstance(opened, str) and opened in ids else None, [one for one in models if one.id in left]


def chart(models: Sequence[Model], left: Sequence[Model]) -> str | None:
    """One dot for each of the models that are left, named and shaped as among all; the id of the one that was clicked."""
    tested = [model for model in left if model.config.figures]
    if not tested:
        return None
    colour, tasks = of_all(models), list(dict.fromkeys(model.task.title for model in models))
    rows = pd.DataFrame(
        {
            "id": [model.id for model in tested],
            "Model": [names(models)[model.id] for model in tested],
            "Task": [model.task.title for model in tested],
            "Numbers in it": [model.config.parameters for model in tested],
            "Right": [model.accuracy for model in tested],
        }
    )
    pick = alt.selection_point(name="dot", fields=["id"], on="click", empty=False)
    dots = (
        alt.Chart(rows)
        .mark_point(size=140, opacity=1, filled=True)
        .encode(
            x=alt.X(
                "Numbers in it",
                scale=alt.Scale(type="log", nice=True),
                axis=alt.Axis(format="~s", tickCount=4, grid=False),
            ),
            y=alt.Y(
                "Right",
                scale=alt.Scale(domain=[_floor(rows["Right"].min()), 1.0]),
                axis=alt.Axis(format=".0%", tickCount=5),
            ),
            shape=alt.Shape(
                "Task",
                scale=alt.Scale(domain=tasks),
                legend=alt.Legend(orient="top", title=None, columns=5, symbolFillColor=GREY),
            ),
            color=alt.Color("id", scale=alt.Scale(domain=list(colour), range=list(colour.values())), legend=None),
            tooltip=["Model", "Task", alt.Tooltip("Right", format=".1%"), alt.Tooltip("Numbers in it", format=",")],
        )
        .add_params(pick)
    )
    said = st.altair_chart(
        dots.properties(height=280, description="Accuracy against size, one dot a model; the table says the same."),
        on_select="rerun",
        selection_mode="dot",
        key="zoo-chart",
    )
    picked = said["selection"].get("dot") or []
    return picked[0]["id"] if picked else None


def _floor(share: float) -> float:
    """The tenth below a share, so that a dot stands clear of the axis."""
    return max(0.0, floor(10 * share - 0.5) / 10)


def _row(model: Model, name: str, colour: str, took: float | None) -> dict[str, object]:
    figure = model.figure
    return {
        "id": model.id,
        "title": name,
        "task": model.task.title,
        "colour": colour,
        "right": figure.accuracy if figure else None,
        "low": figure.interval[0] if figure else None,
        "high": figure.interval[1] if figure else None,
        "parameters": model.config.parameters,
        "took": took,
        "speed": words.milliseconds(took) if took else "not measured",
    }
