"""The charts of a model's page. Each has a description for people who cannot see it."""

from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

import altair as alt
import pandas as pd
import streamlit as st

from app.hub.colours import PALETTE
from app.hub.markup import escape
from models.evaluation import Bin

MAX_EPOCHS = 10_000  # drawn
MAX_COLUMNS = 40  # of history.csv
GREY = "#80808c"  # of guide lines and bands, on light and dark pages
SHAPES = ("circle", "square", "cross", "diamond", "triangle-up", "triangle-down", "triangle-right", "triangle-left")
OWN = "#d6336c"  # of the visitor's input
DASHES = ([1, 0], [6, 4], [2, 3])
FEWEST_MISTAKES = 1e-4  # share, of a model that makes none
MISTAKES = (0.5, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)  # shares with a mark on the axis
NAME_SHIFTS = (-16, 18, -30, 32)  # pixels, of the names in turn, so that those of neighbours do not overlap


class Dot(NamedTuple):
    """A model in a chart. milliseconds: per answer, None if not measured. own: whether it is the page's model."""

    title: str
    parameters: int
    accuracy: float
    milliseconds: float | None
    own: bool


def confusion(labels: Sequence[str], counts: Sequence[Sequence[int]], selected: tuple[int, int] | None = None) -> str:
    """The confusion matrix as an HTML table: the diagonal muted, mistakes the darker the more frequent.

    selected: the row and column of the selected cell; with it, every non-empty cell can be clicked and gives
        `row,column`.
    """
    most = max(
        (count for row, line in enumerate(counts) for column, count in enumerate(line) if row != column), default=0
    )
    head = "".join(f'<th scope="col" title="{escape(label)}">{escape(label)}</th>' for label in labels)
    rows = "".join(
        f'<tr><th scope="row" title="{escape(label)}">{escape(label)}</th>'
        + "".join(_cell(count, (row, column), most, selected) for column, count in enumerate(line))
        + "</tr>"
        for row, (label, line) in enumerate(zip(labels, counts, strict=True))
    )
    return (
        '<div class="zoo-scroll" tabindex="0" role="region" aria-label="Confusion matrix"><table class="zoo-confusion">'
        "<caption>Row: true label. Column: predicted "
        f"label.{' Click a count to show its examples.' if selected else ''}</caption>"
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def reliability(bins: Sequence[Bin], colour: str) -> None:
    """Accuracy against confidence; a calibrated model lies on the diagonal."""
    filled = [each for each in bins if each.n]
    data = pd.DataFrame(
        {
            "Confidence": [each.confidence for each in filled],
            "Accuracy": [each.accuracy for each in filled],
            "Answers": [each.n for each in filled],
        }
    )
    guide = pd.DataFrame({"Confidence": [0.0, 1.0], "Accuracy": [0.0, 1.0]})
    share = alt.Axis(format=".0%", tickCount=5)
    x, y = alt.X("Confidence", axis=share), alt.Y("Accuracy", axis=share)
    line = alt.Chart(guide).mark_line(color=GREY, strokeDash=[4, 4]).encode(x=x, y=y)
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
    st.altair_chart((line + dots).properties(height=320, description="Reliability: accuracy against confidence."))


def training_curve(history: str, colour: str) -> None:
    """Accuracy on the validation data by epoch."""
    data = pd.DataFrame(curve(history))
    if data.empty:
        return
    chart = (
        alt.Chart(data)
        .mark_line(color=colour, point=alt.OverlayMarkDef(color=colour))
        .encode(
            x=alt.X("epoch", title="Epoch", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("accuracy", title="Accuracy", scale=alt.Scale(zero=False), axis=alt.Axis(format=".1%")),
            tooltip=["epoch", alt.Tooltip("accuracy", format=".2%"), *(["loss"] if "loss" in data else [])],
        )
    )
    st.altair_chart(
        chart.properties(height=320, description="Training curve: accuracy on the validation data by epoch.")
    )


def curve(history: str) -> list[dict[str, float]]:
    """The rows of history.csv that can be drawn, with the columns epoch, accuracy and, if there is one, loss.

    Whatever is not a number is left out: the file may come from a stranger.
    """
    lines = history.split("\n", MAX_EPOCHS + 1)[: MAX_EPOCHS + 1]
    names = lines[0].strip().split(",", MAX_COLUMNS)
    shown = [name for name in ("epoch", "accuracy", "loss") if name in names]
    if not {"epoch", "accuracy"} <= set(shown):
        return []
    rows = []
    for line in lines[1:]:
        with suppress(ValueError):  # also of an empty line
            cells = dict(zip(names, line.strip().split(",", MAX_COLUMNS), strict=True))
            row = {name: float(cells[name]) for name in shown}
            if all(abs(value) < 1e12 for value in row.values()):
                rows.append(row)
    return rows


def learning_curve(
    sizes: Sequence[int],
    lines: dict[str, tuple[str, Sequence[float], Sequence[float], Sequence[float]]],
    description: str,
) -> None:
    """Accuracy against the number of examples per label. lines: name -> (colour, mean, low, high)."""
    data = pd.DataFrame(
        {"Model": name, "Examples": size, "Accuracy": right, "Low": bottom, "High": top}
        for name, (_, mean, low, high) in lines.items()
        for size, right, bottom, top in zip(sizes, mean, low, high, strict=True)
    )
    named = alt.Scale(domain=list(lines), range=[colour for colour, *_ in lines.values()])
    base = alt.Chart(data).encode(
        x=alt.X(
            "Examples",
            title="Examples per label",
            scale=alt.Scale(type="log", nice=False, padding=24),
            axis=alt.Axis(values=sizes),
        ),
        y=alt.Y("Accuracy", title="Accuracy", scale=alt.Scale(zero=False), axis=alt.Axis(format=".0%", tickCount=5)),
        color=alt.Color("Model", scale=named, legend=alt.Legend(orient="top", title=None, labelLimit=320)),
        tooltip=["Model", "Examples", *(alt.Tooltip(name, format=".1%") for name in ("Accuracy", "Low", "High"))],
    )
    line = base.mark_line(strokeWidth=3, point=alt.OverlayMarkDef(size=64))
    interval = base.mark_rule(strokeWidth=2).encode(y="Low", y2="High")
    st.altair_chart((interval + line).properties(height=320, description=description))


def score_drops(shares: Sequence[float], lines: dict[str, Sequence[float]], colour: str, description: str) -> None:
    """Drop in the score against the share of the input removed, one dashed line per choice of what to remove."""
    data = pd.DataFrame(
        {"Removed": share, "Order": name, "Drop": drop}
        for name, values in lines.items()
        for share, drop in zip(shares, values, strict=True)
    )
    base = alt.Chart(data).encode(
        x=alt.X("Removed", axis=alt.Axis(format=".0%", values=shares)),
        y=alt.Y("Drop", title="Drop in the answer's score", axis=alt.Axis(tickCount=5)),
        tooltip=["Order", alt.Tooltip("Removed", format=".0%"), alt.Tooltip("Drop", format=".2f")],
    )
    dashed = alt.StrokeDash(
        "Order",
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
    dots = base.mark_circle(color=colour, size=64, opacity=1).encode(detail="Order")
    st.altair_chart((line + dots).properties(height=320, description=description))


def against_size(dots: Sequence[Dot], colour: str, description: str) -> None:
    """Accuracy against the number of parameters; the larger a dot, the slower the model; a ring was not measured.

    The axis shows accuracies at distances of the logarithm of the share of mistakes: 99.5% is as far above 99% as 90%
    above 80%.
    """
    ordered = sorted(dots, key=lambda dot: dot.parameters)
    data = pd.DataFrame(
        {
            "Model": dot.title,
            "Parameters": dot.parameters,
            "Accuracy": dot.accuracy,
            "Mistakes": max(1 - dot.accuracy, FEWEST_MISTAKES),
            "Milliseconds": dot.milliseconds,
            "Time": f"{dot.milliseconds:.2f} ms" if dot.milliseconds else "not measured",
            "own": dot.own,
            "row": number % len(NAME_SHIFTS),
        }
        for number, dot in enumerate(ordered)
    )
    x = alt.X(
        "Parameters",
        scale=alt.Scale(type="log", nice=True, padding=24),
        axis=alt.Axis(format="~s", tickCount=4, grid=False),
    )
    y = alt.Y(
        "Mistakes",
        title="Accuracy",
        scale=alt.Scale(type="log", nice=False, padding=24, reverse=True),
        axis=alt.Axis(labelExpr="format(1 - datum.value, '.3~%')", values=MISTAKES),
    )
    tooltip = ["Model", alt.Tooltip("Accuracy", format=".2%"), alt.Tooltip("Parameters", format=","), "Time"]
    base = alt.Chart(data).encode(x=x, y=y, tooltip=tooltip)
    own_colour = alt.condition("datum.own", alt.value(colour), alt.value(GREY))
    legend = alt.Legend(orient="top", title="Milliseconds per answer", tickCount=3)
    size = alt.Size("Milliseconds", scale=alt.Scale(range=[60, 900]), legend=legend)
    layers = [
        base.transform_filter("!isValid(datum.Milliseconds)")  # a ring: its time was not measured
        .mark_point(size=100, strokeWidth=3, opacity=1)
        .encode(color=own_colour)
    ]
    if any(dot.milliseconds for dot in dots):
        timed = base.transform_filter("isValid(datum.Milliseconds)").mark_circle(opacity=0.8)
        layers.append(timed.encode(color=own_colour, size=size))
    for row, shift in enumerate(NAME_SHIFTS):
        name = base.transform_filter(f"datum.row === {row}").mark_text(dy=shift, fontSize=11, color=GREY)
        layers.append(name.encode(text="Model"))
    chart = alt.layer(*layers)
    st.altair_chart(chart.properties(height=360, description=description))


def feature_map(
    points: Sequence[tuple[float, float, str, str]],
    labels: Sequence[str],
    own: tuple[float, float] | None,
    own_name: str,
    explained: tuple[float, float],
) -> None:
    """Examples as points: the label itself if it is one character, else a shape for each label.

    points: (x, y, true label, answer) each. own: the visitor's input. explained: the share of the variance of each
    axis.
    """
    data = pd.DataFrame(points, columns=["x", "y", "Label", "Answer"])
    data["Answered"] = ["correctly" if each.Label == each.Answer else each.Answer for each in data.itertuples()]
    axis = alt.Axis(labels=False, ticks=False)
    x = alt.X("x:Q", title=f"First component ({explained[0]:.0%})", axis=axis)
    y = alt.Y("y:Q", title=f"Second component ({explained[1]:.0%})", axis=axis)
    are_characters = max(map(len, labels)) == 1
    palette = alt.Scale(domain=list(labels), range=[PALETTE[i % len(PALETTE)] for i in range(len(labels))])
    legend = None if are_characters else alt.Legend(orient="bottom", columns=3, title=None)
    base = alt.Chart(data).encode(
        x=x, y=y, color=alt.Color("Label", scale=palette, legend=legend), tooltip=["Label", "Answered"]
    )
    if are_characters:
        drawn = base.mark_text(fontSize=12, fontWeight="bold").encode(text="Label")
    else:
        shapes = alt.Scale(domain=list(labels), range=[SHAPES[i % len(SHAPES)] for i in range(len(labels))])
        drawn = base.mark_point(filled=True, size=60, opacity=0.9).encode(
            shape=alt.Shape("Label", scale=shapes, legend=legend)
        )
    if own:
        mine = alt.Chart(pd.DataFrame({"x": [own[0]], "y": [own[1]], "name": [own_name]})).encode(x=x, y=y)
        drawn = (
            drawn
            + mine.mark_point(size=500, strokeWidth=4, color=OWN, opacity=1)
            + mine.mark_text(dy=-22, fontSize=13, fontWeight="bold", color=OWN).encode(text="name")
        )
    st.altair_chart(drawn.properties(height=440, description=f"Map of {len(data)} examples by their features."))


def folds(
    accuracies: Sequence[float], mean: float, interval: tuple[float, float], colour: str, description: str, unit: str
) -> None:
    """The accuracy of each fold of a cross-validation, or of each division into folds (unit).

    The line is the accuracy over all folds, the band its 95% interval.
    """
    data = pd.DataFrame({unit: range(1, len(accuracies) + 1), "Accuracy": accuracies})
    whole = pd.DataFrame({"Accuracy": [mean], "Low": [interval[0]], "High": [interval[1]]})
    y = alt.Y("Accuracy", title="Accuracy", scale=alt.Scale(zero=False), axis=alt.Axis(format=".0%", tickCount=5))
    dots = (
        alt.Chart(data)
        .mark_circle(color=colour, size=144, opacity=1)
        .encode(
            x=alt.X(f"{unit}:O", axis=alt.Axis(labelAngle=0)),
            y=y,
            tooltip=[unit, alt.Tooltip("Accuracy", format=".1%")],
        )
    )
    line = alt.Chart(whole).mark_rule(color=GREY, strokeDash=[4, 4], strokeWidth=2).encode(y=y)
    band = alt.Chart(whole).mark_rect(color=GREY, opacity=0.2).encode(y=alt.Y("Low", title="Accuracy"), y2="High")
    st.altair_chart((band + line + dots).properties(height=320, description=description))


def ablation(
    names: Sequence[str], accuracies: Sequence[float], seeds: Sequence[float], colour: str, description: str
) -> None:
    """Accuracy with each change; the band is the range of the unchanged recipe over its seeds."""
    data = pd.DataFrame({"Change": names, "Accuracy": accuracies})
    whole = pd.DataFrame({"Low": [min(seeds)], "High": [max(seeds)]})
    x = alt.X("Accuracy", title="Accuracy", scale=alt.Scale(zero=False), axis=alt.Axis(format=".1%", tickCount=4))
    dots = (
        alt.Chart(data)
        .mark_circle(color=colour, size=144, opacity=1)
        .encode(
            x=x,
            y=alt.Y("Change", sort=None, title=None, axis=alt.Axis(labelLimit=220)),
            tooltip=["Change", alt.Tooltip("Accuracy", format=".1%")],
        )
    )
    band = alt.Chart(whole).mark_rect(color=GREY, opacity=0.3).encode(x=alt.X("Low", title="Accuracy"), x2="High")
    st.altair_chart((band + dots).properties(height=40 * len(names) + 40, description=description))


def _cell(count: int, place: tuple[int, int], most: int, selected: tuple[int, int] | None) -> str:
    pick = f' data-pick="{place[0]},{place[1]}"' if selected and count else ""
    names = [name for name, applies in (("right", place[0] == place[1]), ("chosen", place == selected)) if applies]
    classes = f' class="{" ".join(names)}"' if names else ""
    if place[0] == place[1]:
        return f"<td{pick}{classes}>{count:,}</td>"
    strength = round(100 * (count / most) ** 0.5) if most else 0
    return f'<td{pick}{classes} style="--strength:{strength}%">{count or ""}</td>'
