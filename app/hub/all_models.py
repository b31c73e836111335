"""All models as a table, and as a chart of accuracy against size."""

from collections.abc import Sequence
from math import floor

import altair as alt
import pandas as pd
import streamlit as st

from app.hub import links
from app.hub.colours import of_all
from app.hub.components.table import table
from app.hub.names import display_names
from app.hub.safety import fragment
from models import catalog
from models.catalog import Model

GREY = "#80808c"  # of the shapes in the legend


@fragment
def show() -> None:
    """Draw the table and the chart; a click on a model opens its page."""
    models = catalog.models()
    left, right = st.columns([3, 2], gap="large")
    with left:
        opened, listed = table(models)
    with right:
        clicked = chart(models, listed)
    if opened or clicked:
        st.switch_page(links.models(), query_params={"model": opened or clicked})


def chart(models: Sequence[Model], listed: Sequence[Model]) -> str | None:
    """Draw a dot for each listed model, with its name, colour and shape among all models.

    Returns the id of a clicked one.
    """
    tested = [model for model in listed if model.config.figures]
    if not tested:
        return None
    colour, tasks = of_all(models), list(dict.fromkeys(model.task.title for model in models))
    rows = pd.DataFrame(
        {
            "id": [model.id for model in tested],
            "Model": [display_names(models)[model.id] for model in tested],
            "Task": [model.task.title for model in tested],
            "Parameters": [model.config.parameters for model in tested],
            "Accuracy": [model.accuracy for model in tested],
        }
    )
    pick = alt.selection_point(name="dot", fields=["id"], on="click", empty=False)
    dots = (
        alt.Chart(rows)
        .mark_point(size=140, opacity=1, filled=True)
        .encode(
            x=alt.X(
                "Parameters",
                scale=alt.Scale(type="log", nice=True),
                axis=alt.Axis(format="~s", tickCount=4, grid=False),
            ),
            y=alt.Y(
                "Accuracy",
                scale=alt.Scale(domain=[_floor(rows["Accuracy"].min()), 1.0]),
                axis=alt.Axis(format=".0%", tickCount=5),
            ),
            shape=alt.Shape(
                "Task",
                scale=alt.Scale(domain=tasks),
                legend=alt.Legend(orient="top", title=None, columns=3, symbolFillColor=GREY),
            ),
            color=alt.Color("id", scale=alt.Scale(domain=list(colour), range=list(colour.values())), legend=None),
            tooltip=["Model", "Task", alt.Tooltip("Accuracy", format=".1%"), alt.Tooltip("Parameters", format=",")],
        )
        .add_params(pick)
    )
    event = st.altair_chart(
        dots.properties(
            height=280, description="Accuracy against size, one dot per model; the table has the same data."
        ),
        on_select="rerun",
        selection_mode="dot",
        key="zoo-chart",
    )
    selected = event["selection"].get("dot") or []
    return selected[0]["id"] if selected else None


def _floor(share: float) -> float:
    """The start of the axis: a multiple of 0.1 that is at least 0.05 below the lowest accuracy."""
    return max(0.0, floor(10 * share - 0.5) / 10)
