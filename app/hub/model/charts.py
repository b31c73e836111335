"""The charts of a model's page. Each has its text beside it, for those who cannot see it."""

import io
from collections.abc import Sequence
from html import escape

import altair as alt
import pandas as pd
import streamlit as st

from models.evaluation import Bin

QUIET = "#80808c"  # lines that only guide the eye, on light and dark alike
DASHES = ([1, 0], [6, 4], [2, 3])


def confusion(labels: Sequence[str], counts: Sequence[Sequence[int]], chosen: tuple[int, int] | None = None) -> str:
    """How often each label was taken for each, as a table (HTML): the diagonal muted, mistakes the stronger the more.

    chosen: the cell that is open, row and column; with one, every cell that is not empty can be picked, as `row,column`.
    """
    most = max(
        (times for row, line in enumerate(counts) for column, times in enumerate(line) if row != column), default=0
    )
    head = "".join(f'<th scope="col">{escape(label)}</th>' for label in labels)
    rows = "".join(
        f'<tr><th scope="row">{escape(label)}</th>'
        + "".join(_cell(times, (row, column), most, chosen) for column, times in enumerate(line))
        + "</tr>"
        for row, (label, line) in enumerate(zip(labels, counts, strict=True))
    )
    return (
        '<div class="zoo-scroll" tabindex="0" role="region" aria-label="Confusion matrix"><table class="zoo-confusion">'
        f"<caption>Row: what it was. Column: what the model took it for.{' A click on a count opens it.' if chosen else ''}</caption>"
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def reliability(bins: Sequence[Bin], colour: str) -> None:
    """How often it was right against how sure it said it was; on the line it means what it says."""
    filled = [each for each in bins if each.n]
    data = pd.DataFrame(
        {
            "How sure it was": [each.confidence for each in filled],
            "How often it was right": [each.accuracy for each in filled],
            "Answers": [each.n for each in filled],
        }
    )
    guide = pd.DataFrame({"How sure it was": [0.0, 1.0], "How often it was right": [0.0, 1.0]})
    share = alt.Axis(format=".0%", tickCount=5)
    x, y = alt.X("How sure it was", axis=share), alt.Y("How often it was right", axis=share)
    line = alt.Chart(guide).mark_line(color=QUIET, strokeDash=[4, 4]).encode(x=x, y=y)
    dots = (
        alt.Chart(data)
        .mark_circle(color=colour, opacity=1)
        .encode(
            x=x,
            y=y,
            size=alt.Size("Answers", scale=alt.Scale(range=[40, 400]), legend=None),
            tooltip=list(data.columns),
        )
    )
    st.altair_chart((line + dots).properties(height=320, description="Reliability: how often right against how sure."))


def training_curve(history: str, colour: str) -> None:
    """Accuracy on the validation part, epoch by epoch."""
    data = pd.read_csv(io.StringIO(history))
    if "accuracy" not in data or data.empty:
        return
    chart = (
        alt.Chart(data)
        .mark_line(color=colour, point=alt.OverlayMarkDef(color=colour))
        .encode(
            x=alt.X("epoch", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("accuracy", scale=alt.Scale(zero=False), axis=alt.Axis(format=".1%")),
            tooltip=["epoch", alt.Tooltip("accuracy", format=".2%"), *(["loss"] if "loss" in data else [])],
        )
    )
    st.altair_chart(
        chart.properties(height=320, description="Training curve: accuracy on the validation part by epoch.")
    )


def learning_curve(
    sizes: Sequence[int], lines: dict[str, tuple[str, Sequence[float], Sequence[float], Sequence[float]]], said: str
) -> None:
    """Accuracy against the number of examples a label: name -> (colour, mean, low, high)."""
    data = pd.DataFrame(
        {"Model": name, "Examples": size, "Right": right, "Low": bottom, "High": top}
        for name, (_, mean, low, high) in lines.items()
        for size, right, bottom, top in zip(sizes, mean, low, high, strict=True)
    )
    named = alt.Scale(domain=list(lines), range=[colour for colour, *_ in lines.values()])
    base = alt.Chart(data).encode(
        x=alt.X(
            "Examples",
            title="examples of each label",
            scale=alt.Scale(type="log", nice=False, padding=24),
            axis=alt.Axis(values=sizes),
        ),
        y=alt.Y("Right", title="right", scale=alt.Scale(zero=False), axis=alt.Axis(format=".0%", tickCount=5)),
        color=alt.Color("Model", scale=named, legend=alt.Legend(orient="top", title=None, labelLimit=320)),
        tooltip=["Model", "Examples", *(alt.Tooltip(name, format=".1%") for name in ("Right", "Low", "High"))],
    )
    line = base.mark_line(strokeWidth=3, point=alt.OverlayMarkDef(size=64))
    interval = base.mark_rule(strokeWidth=2).encode(y="Low", y2="High")
    st.altair_chart((interval + line).properties(height=320, description=said))


def falls(shares: Sequence[float], lines: dict[str, Sequence[float]], colour: str, said: str) -> None:
    """How far the score falls, by how much is taken away; a line for each way of choosing it, told apart by its dashes."""
    data = pd.DataFrame(
        {"Taken away": share, "Chosen": name, "Fall": fall}
        for name, values in lines.items()
        for share, fall in zip(shares, values, strict=True)
    )
    base = alt.Chart(data).encode(
        x=alt.X("Taken away", axis=alt.Axis(format=".0%", values=shares)),
        y=alt.Y("Fall", title="fall of the answer's score", axis=alt.Axis(tickCount=5)),
        tooltip=["Chosen", alt.Tooltip("Taken away", format=".0%"), alt.Tooltip("Fall", format=".2f")],
    )
    dashed = alt.StrokeDash(
        "Chosen",
        scale=alt.Scale(domain=list(lines), range=DASHES[: len(lines)]),
        legend=alt.Legend(
            orient="top",
            columns=1,
            title=None,
            labelLimit=320,
            symbolType="stroke",
            symbolStrokeColor=colour,
            symbolSize=900,
        ),
    )
    line = base.mark_line(color=colour, strokeWidth=3).encode(strokeDash=dashed)
    dots = base.mark_circle(color=colour, size=64, opacity=1).encode(detail="Chosen")
    st.altair_chart((line + dots).properties(height=320, description=said))


def rounds(accuracies: Sequence[float], mean: float, interval: tuple[float, float], colour: str, said: str) -> None:
    """How often each round of a cross-validation was right; the line is all rounds together, the band its 95% interval."""
    data = pd.DataFrame({"Round": range(1, len(accuracies) + 1), "Right": accuracies})
    whole = pd.DataFrame({"Right": [mean], "Low": [interval[0]], "High": [interval[1]]})
    y = alt.Y("Right", title="right", scale=alt.Scale(zero=False), axis=alt.Axis(format=".0%", tickCount=5))
    dots = (
        alt.Chart(data)
        .mark_circle(color=colour, size=144, opacity=1)
        .encode(
            x=alt.X("Round:O", axis=alt.Axis(labelAngle=0)), y=y, tooltip=["Round", alt.Tooltip("Right", format=".1%")]
        )
    )
    line = alt.Chart(whole).mark_rule(color=QUIET, strokeDash=[4, 4], strokeWidth=2).encode(y=y)
    band = alt.Chart(whole).mark_rect(color=QUIET, opacity=0.2).encode(y=alt.Y("Low", title="right"), y2="High")
    st.altair_chart((band + line + dots).properties(height=320, description=said))


def ablation(names: Sequence[str], accuracies: Sequence[float], seeds: Sequence[float], colour: str, said: str) -> None:
    """How often right with each piece changed; the band reaches from the least to the most of the seeds of the recipe as it is."""
    data = pd.DataFrame({"Piece": names, "Right": accuracies})
    whole = pd.DataFrame({"Low": [min(seeds)], "High": [max(seeds)]})
    x = alt.X("Right", title="right", scale=alt.Scale(zero=False), axis=alt.Axis(format=".1%", tickCount=4))
    dots = (
        alt.Chart(data)
        .mark_circle(color=colour, size=144, opacity=1)
        .encode(
            x=x,
            y=alt.Y("Piece", sort=None, title=None, axis=alt.Axis(labelLimit=220)),
            tooltip=["Piece", alt.Tooltip("Right", format=".1%")],
        )
    )
    band = alt.Chart(whole).mark_rect(color=QUIET, opacity=0.3).encode(x=alt.X("Low", title="right"), x2="High")
    st.altair_chart((band + dots).properties(height=40 * len(names) + 40, description=said))


def _cell(times: int, place: tuple[int, int], most: int, chosen: tuple[int, int] | None) -> str:
    pick = f' data-pick="{place[0]},{place[1]}"' if chosen and times else ""
    names = [name for name, holds in (("right", place[0] == place[1]), ("chosen", place == chosen)) if holds]
    classes = f' class="{" ".join(names)}"' if names else ""
    if place[0] == place[1]:
        return f"<td{pick}{classes}>{times:,}</td>"
    strength = round(100 * (times / most) ** 0.5) if most else 0
    return f'<td{pick}{classes} style="--strength:{strength}%">{times or ""}</td>'
