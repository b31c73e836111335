"""Lesson: gradient descent, a step at a time."""

from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from app.hub.lessons import Lesson
from app.hub.player import Player
from app.hub.safety import guarded
from app.hub.text_blocks import notice, table
from models.lessons import descent
from models.lessons.descent import Path, Points

MAX_STEPS = 200
SHOWN = 16  # rows of the table
GRID = 48  # cells of the loss map in each direction
GREY, ACCENT, POINT = "#80808c", "#5b5bd6", "#c2568a"
ONE_BY_ONE, ALL = "one", "all"
BATCHES = {ALL: "All points", ONE_BY_ONE: "One point at a time"}
PLAYER = Player("step", MAX_STEPS, seconds=0.5)


@dataclass(frozen=True)
class Choices:
    """What the visitor has chosen; all of it stands in the address."""

    points: Points
    start: tuple[float, ...]
    rate: float
    stochastic: bool
    momentum: float
    steps: int


def draw() -> None:
    """The controls, the two charts and the table of steps."""
    PLAYER.draw(_body)


def _body() -> None:
    choices = _choices()
    path = descent.descend(
        choices.points, choices.start, choices.rate, choices.steps, choices.stochastic, choices.momentum
    )
    if PLAYER.playing and (choices.steps == MAX_STEPS or path.state != "on its way"):
        PLAYER.stop(path.steps[-1].number)
        st.rerun()
    with st.container(horizontal=True):
        st.button("Step", type="primary", icon=":material/skip_next:", on_click=guarded(_take), args=(1,))
        st.button("10 steps", icon=":material/fast_forward:", on_click=guarded(_take), args=(10,))
        PLAYER.button()
        st.button("Back to the start", icon=":material/restart_alt:", on_click=guarded(_restart))
    notice(_sentence(choices, path))
    fit, loss = st.columns(2)
    with fit:
        _fit(choices.points, path)
    with loss:
        {1: _parabola, 2: _map}.get(len(choices.points.names), _losses)(choices.points, path)
    _table(choices.points, path)


def _choices() -> Choices:
    """Draw the controls. Streamlit keeps them in the address, and leaves out values that do not fit."""
    slug = st.segmented_control(
        "Data",
        list(descent.DATA),
        default=descent.LINE.slug,
        format_func=lambda each: descent.DATA[each].title,
        key="data",
        required=True,
        bind="query-params",
        on_change=guarded(_restart),
    )
    points = descent.DATA[slug or descent.LINE.slug]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        low, high = points.rates
        rate = st.number_input(
            f"Learning rate ({low:g} to {high:g})",
            min_value=low,
            max_value=high,
            value=points.rate,
            step=points.rate / 10,
            format="%g",
            key=f"rate-{points.slug}",
            bind="query-params",
            width=220,
        )
        batch = st.segmented_control(
            "Each step looks at",
            list(BATCHES),
            default=ALL,
            format_func=BATCHES.__getitem__,
            key="batch",
            required=True,
            bind="query-params",
        )
        momentum = st.slider("Momentum", 0.0, 0.95, 0.0, 0.05, key="momentum", bind="query-params", width=220)
        start = tuple(
            st.number_input(
                f"Start: {name}",
                min_value=-100.0,
                max_value=100.0,
                value=value,
                step=0.5,
                format="%g",
                key=f"{name}-{points.slug}",
                bind="query-params",
                width=140,
            )
            for name, value in zip(points.names, points.start, strict=True)
        )
    return Choices(points, start, rate, batch == ONE_BY_ONE, momentum, PLAYER.slider("Steps taken"))


def _take(steps: int) -> None:
    PLAYER.stop(PLAYER.step + steps)


def _restart() -> None:
    PLAYER.stop(0)


def _sentence(choices: Choices, path: Path) -> str:
    last = path.steps[-1]
    weights = ", ".join(f"{name} = {value:.5g}" for name, value in zip(choices.points.names, last.weights, strict=True))
    if path.state == "diverged":
        return f"Diverged after {last.number} steps: each step was so long that the loss grew. Lower the learning rate."
    if path.state == "converged":
        return f"Converged after {last.number} steps: {weights}, loss {last.loss:.3g}."
    if not last.number:
        return f"At the start: {weights}, loss {last.loss:.3g}. Press Step, or Play."
    return f"After {last.number} {'step' if last.number == 1 else 'steps'}: {weights}, loss {last.loss:.3g}."


def _fit(points: Points, path: Path) -> None:
    """The points, and the function after the last step; the decision boundary of a logistic regression."""
    margin = 0.15 * np.ptp(points.x)
    x = np.linspace(points.x.min() - margin, points.x.max() + margin, 121)
    low, high = min(0.0, points.y.min()), points.y.max()
    room = 0.25 * (high - low)
    domain = alt.Scale(domain=[low - room, high + room])
    y = points.outputs(path.steps[-1].weights, x)
    line = pd.DataFrame({"x": x, "y": np.clip(y, low - 4 * (high - low), high + 4 * (high - low))})
    axes = {
        "x": alt.X("x", title=points.x_title, scale=alt.Scale(nice=False, zero=False)),
        "y": alt.Y("y", title=points.y_title, scale=domain),
    }
    chart = alt.Chart(line).mark_line(color=ACCENT, strokeWidth=3, clip=True).encode(**axes)
    dots = alt.Chart(pd.DataFrame({"x": points.x, "y": points.y}))
    chart += dots.mark_circle(color=POINT, size=96, opacity=1).encode(**axes, tooltip=["x", "y"])
    boundary = _boundary(points, path)
    if boundary is not None and x[0] < boundary < x[-1]:
        rule = alt.Chart(pd.DataFrame({"x": [boundary]})).mark_rule(color=GREY, strokeDash=[6, 4], strokeWidth=2)
        chart += rule.encode(x="x")
    said = f"The data and {points.formula} after {path.steps[-1].number} steps."
    if boundary is not None:
        said += f" The decision boundary is at {boundary:.2f}."
    st.altair_chart(chart.properties(height=300, title=points.formula, description=said))


def _boundary(points: Points, path: Path) -> float | None:
    if not points.logistic or not path.steps[-1].weights[0]:
        return None
    slope, offset = path.steps[-1].weights
    return -offset / slope


def _parabola(points: Points, path: Path) -> None:
    """The loss for each value of the only parameter, with the steps on it."""
    (best,) = points.best
    steps = pd.DataFrame(
        [(step.number, *step.weights, step.loss) for step in path.steps], columns=["step", "w", "loss"]
    )
    half = max(2.0, 1.2 * float(np.minimum(np.abs(steps["w"] - best), 20).max()))
    w = np.linspace(best - half, best + half, 161)
    curve = pd.DataFrame({"w": w, "loss": points.losses(w[:, None])})
    steps = steps[(steps["w"] - best).abs() <= half]
    axes = {
        "x": alt.X("w", title=points.names[0], scale=alt.Scale(nice=False), axis=alt.Axis(tickCount=6)),
        "y": alt.Y("loss", title="Loss", axis=alt.Axis(tickCount=5)),
    }
    chart = alt.Chart(curve).mark_line(color=GREY).encode(**axes)
    chart += alt.Chart(steps).mark_line(color=ACCENT, strokeWidth=1).encode(**axes, order="step:Q")
    chart += (
        alt.Chart(steps).mark_circle(color=ACCENT, size=64, opacity=1).encode(**axes, tooltip=["step", "w", "loss"])
    )
    chart += alt.Chart(steps.tail(1)).mark_circle(color=POINT, size=160, opacity=1).encode(**axes)
    st.altair_chart(
        chart.properties(height=300, title="Loss for each w", description="The loss parabola with the steps taken.")
    )


def _map(points: Points, path: Path) -> None:
    """The loss for each pair of parameters as a map, with the steps on it."""
    steps = pd.DataFrame([(step.number, *step.weights) for step in path.steps], columns=["step", *points.names])
    edges = []
    for name in points.names:
        values = steps[name].clip(-50, 50)
        middle, half = (values.max() + values.min()) / 2, max(4.0, 0.7 * float(np.ptp(values)))
        edges.append(np.linspace(middle - half, middle + half, GRID + 1))
    first, second = (0.5 * (edge[1:] + edge[:-1]) for edge in edges)
    grid = np.stack(np.meshgrid(first, second, indexing="ij"), axis=-1).reshape(-1, 2)
    widths = [edge[1] - edge[0] for edge in edges]
    cells = pd.DataFrame(
        {
            "left": grid[:, 0] - widths[0] / 2,
            "right": grid[:, 0] + widths[0] / 2,
            "bottom": grid[:, 1] - widths[1] / 2,
            "top": grid[:, 1] + widths[1] / 2,
            "loss": points.losses(grid),
        }
    )
    scales = [alt.Scale(domain=[edge[0], edge[-1]], nice=False) for edge in edges]
    chart = (
        alt.Chart(cells)
        .mark_rect()
        .encode(
            x=alt.X("left", title=points.names[0], scale=scales[0], axis=alt.Axis(grid=False)),
            x2="right",
            y=alt.Y("bottom", title=points.names[1], scale=scales[1], axis=alt.Axis(grid=False)),
            y2="top",
            color=alt.Color("loss", title="Loss", scale=alt.Scale(type="log", scheme="purples")),
        )
    )
    axes = {"x": alt.X(points.names[0], scale=scales[0]), "y": alt.Y(points.names[1], scale=scales[1])}
    line = alt.Chart(steps).encode(**axes, order="step:Q")
    chart += line.mark_line(color=POINT, clip=True)
    chart += alt.Chart(steps.tail(1)).mark_circle(color=POINT, size=128, opacity=1, clip=True).encode(**axes)
    st.altair_chart(
        chart.properties(
            height=300, title="Loss for each w and b", description="A map of the loss with the steps taken on it."
        )
    )


def _losses(_points: Points, path: Path) -> None:
    """The loss after each step, for more parameters than can be drawn."""
    data = pd.DataFrame({"step": [step.number for step in path.steps], "loss": [step.loss for step in path.steps]})
    chart = (
        alt.Chart(data)
        .mark_line(color=ACCENT, point=alt.OverlayMarkDef(color=ACCENT))
        .encode(
            x=alt.X("step", title="Step", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("loss", title="Loss", scale=alt.Scale(type="log")),
            tooltip=["step", "loss"],
        )
    )
    st.altair_chart(chart.properties(height=300, title="Loss after each step", description="The loss after each step."))


def _table(points: Points, path: Path) -> None:
    """The last steps, with every digit."""
    rows = [
        (
            str(step.number),
            *(repr(value) for value in step.weights),
            repr(step.loss),
            ", ".join(f"{value:.6g}" for value in step.gradient) if step.gradient else "",
        )
        for step in path.steps[-SHOWN:]
    ]
    heads = ("Step", *points.names, "Loss", "Gradient used")
    shown = "All steps" if len(path.steps) <= SHOWN else f"The last {SHOWN} of {len(path.steps) - 1} steps"
    table(f"{shown}; parameters and loss with all digits", heads, rows)


LESSON = Lesson(
    slug="descent",
    title="Descent: how a model learns",
    goals=(
        "A model learns by going downhill: the gradient of the loss says in which direction to change each parameter.",
        "The learning rate decides how far each step goes; too small takes long, too large overshoots and diverges.",
        "The same method fits lines, parabolas and logistic regressions; variants of it train most models of the Zoo.",
    ),
    challenge="Find the largest learning rate with which y = w x still converges from w = 1, looking at all points in "
    "each step. Then see whether momentum lets you go higher.",
    answer="In theory, just below 2 / (second derivative of the loss) = 2 / 9.333 = 0.2143; with momentum m, (1 + m) "
    "times that. The nearer to it, the longer it takes: within 200 steps you see it converge up to about 0.21.",
    tasks=("digits", "names", "reviews"),
    order=1,
    draw=draw,
)
