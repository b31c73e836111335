"""Lesson: what keeps a net from memorising, on the recorded runs of a study."""

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from app.hub.lessons import Lesson
from app.hub.text_blocks import caption, notice, table
from models.lessons import regularisation
from models.lessons.regularisation import VARIANTS, Runs, Spread, Variant

TRAIN, OTHERS = "Digits it learns from", "Other digits"
COLOURS = {TRAIN: "#80808c", OTHERS: "#5b5bd6"}
HIGHEST = 0.8  # loss, of the charts


def draw() -> None:
    """A chart for each variant, and their figures in a table."""
    study = regularisation.results()
    notice(
        f"Every net has the same five layers and learns from the same {study.examples:,} digits, for up to "
        f"{study.epochs} epochs. Without regularisation, the loss on those digits falls to almost 0; watch the loss on "
        "digits it has never seen."
    )
    for start in range(0, len(VARIANTS), 2):
        for place, variant in zip(st.columns(2, gap="large"), VARIANTS[start : start + 2], strict=False):
            with place:
                st.markdown(f"**{variant.title}**")
                caption(variant.description)
                _chart(variant, study.runs[variant.slug], study.epochs)
    titles = {variant.slug: variant.title for variant in VARIANTS}
    rows = []
    for variant in VARIANTS:
        runs = study.runs[variant.slug]
        losses = (np.mean(values) for values in _ends(variant, runs))
        gain = f"{_points(runs.gain, '+')} over {titles[variant.reference]}" if runs.gain else ""
        rows.append((variant.title, *(f"{loss:.3f}" for loss in losses), _points(runs.at_end), gain))
    table(
        f"At the end of training: means of {len(study.seeds)} random starts, with 95% intervals",
        ("Variant", f"Loss: {TRAIN.lower()}", f"Loss: {OTHERS.lower()}", "Correct, in percent", "Gain, in points"),
        rows,
    )
    caption(
        f"Measured on {study.validation:,} validation digits of MNIST. To repeat it: python -m training study "
        "regularisation. With early stopping, the epoch with the lowest loss on other digits counts."
    )


def _ends(variant: Variant, runs: Runs) -> tuple[list[float], list[float]]:
    """Both losses of each seed at the epoch that counts."""
    epochs = [variant.epoch(losses) for losses in runs.validation]
    return tuple(
        [run[epoch] for run, epoch in zip(each, epochs, strict=True)] for each in (runs.train, runs.validation)
    )


def _points(spread: Spread, sign: str = "") -> str:
    low, high = 100 * spread.low, 100 * spread.high
    return f"{100 * spread.mean:{sign}.1f} ({low:{sign}.1f} to {high:{sign}.1f})"


def _chart(variant: Variant, runs: Runs, epochs: int) -> None:
    """Both losses after each epoch: the mean over the seeds, and a band from the lowest to the highest."""
    data = pd.concat([_curve(TRAIN, runs.train), _curve(OTHERS, runs.validation)])
    x = alt.X("epoch", title="Epoch", scale=alt.Scale(domain=[0, epochs]), axis=alt.Axis(tickCount=6))
    scale = alt.Scale(domain=[0, HIGHEST])
    color = alt.Color(
        "of",
        title=None,
        scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())),
        legend=alt.Legend(orient="top", symbolOpacity=1),
    )
    chart = alt.Chart(data).encode(x=x, color=color)
    lines = chart.mark_area(opacity=0.2, clip=True).encode(y=alt.Y("low", title="Loss", scale=scale), y2="high")
    lines += chart.mark_line(strokeWidth=3, clip=True).encode(
        y=alt.Y("loss", title="Loss", scale=scale),
        tooltip=["epoch", "of", alt.Tooltip("loss", format=".3f")],
    )
    train, others = (np.mean(values) for values in _ends(variant, runs))
    st.altair_chart(
        lines.properties(
            height=280,
            description=f"{variant.title}: at the end, the loss is {train:.3f} on the digits it learns from and "
            f"{others:.3f} on other digits.",
        )
    )


def _curve(name: str, runs: list[list[float]]) -> pd.DataFrame:
    """The mean over the runs after each epoch; only epochs that all runs reached."""
    length = min(map(len, runs))
    values = np.array([run[:length] for run in runs])
    return pd.DataFrame(
        {
            "epoch": np.arange(1, length + 1),
            "loss": values.mean(axis=0),
            "low": values.min(axis=0),
            "high": values.max(axis=0),
            "of": name,
        }
    )


LESSON = Lesson(
    slug="memorising",
    title="What keeps a net from memorising",
    goals=(
        "A net with many more weights than examples can learn the examples by heart: its loss on them falls to 0 while "
        "its loss on other digits rises.",
        "Weight decay and early stopping keep it from learning by heart; with batch norm it still does, and yet makes "
        "fewer mistakes on other digits.",
        "A lower loss and a higher accuracy are different goals: a net can be right as often, yet far too sure of "
        "itself.",
    ),
    challenge="Two variants end with a much lower loss on other digits than the net without regularisation, yet are "
    "right less often on average. Which two, and how can that be?",
    answer="Weight decay and early stopping. The loss also counts how sure a net is: these two are less sure of their "
    "mistakes, which then cost less, but they make no fewer. Look at the intervals, too: three random starts are not "
    "enough to tell most of the small differences in accuracy from chance.",
    tasks=("digits", "letters"),
    order=3,
    draw=draw,
)
