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

GREY = "#80808c"  # of the legend's shapes


@fragment
def show() -> None:
    """All models that are here now, and the way to each one's page."""
    models = catalog.models()
    left, right = st.columns([3, 2], gap="large")
    with left:
        opened, left_over = table(models)
    with right:
        clicked = chart(models, left_over)
    if opened or clicked:
        st.switch_page(links.models(), query_params={"model": opened or clicked})


def chart(models: Sequence[Model], left: Sequence[Model]) -> str | None:
    """One dot for each of the models that are left, named and shaped as among all; the id of the one that was clicked."""
    tested = [model for model in left if model.config.figures]
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
    said = st.altair_chart(
        dots.properties(
            height=280, description="Accuracy against size, one dot per model; the table has the same data."
        ),
        on_select="rerun",
        selection_mode="dot",
        key="zoo-chart",
    )
    picked = said["selection"].get("dot") or []
    return picked[0]["id"] if picked else None


def _floor(share: float) -> float:
    """The tenth below a share, so that a dot stands clear of the axis."""
    return max(0.0, floor(10 * share - 0.5) / 10)
