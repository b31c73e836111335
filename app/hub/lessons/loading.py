"""Lesson: what training waits for, on measured rates of loading pictures."""

import altair as alt
import pandas as pd
import streamlit as st

from app.hub.lessons import Lesson
from app.hub.text_blocks import caption, notice, table
from models.lessons import loaders
from models.lessons.loaders import BATCHES, MEMORY, WORKERS, Results

IN_MEMORY = "One tensor in memory"
COLOURS = ("#80808c", "#4f9f9b", "#c98b2e", "#b4568c", "#5b5bd6")


def draw() -> None:
    """A chart of all rates, and the same numbers in a table."""
    results = loaders.results()
    workers, batch, rate = results.fastest_loader
    notice(
        "PyTorch's DataLoader opens and converts one picture at a time. At its best, with "
        f"{_name(workers).lower()} and batches of {batch:,}, it delivers {rate:,.0f} digits per second. From one "
        f"tensor in memory, up to {max(results.rates[MEMORY].values()):,.0f} arrive per second: {results.ratio:.0f} "
        "times as many."
    )
    st.altair_chart(_chart(results))
    table(
        "Pictures per second",
        ("Batch size", *(_name(source) for source in results.rates)),
        [(f"{batch:,}", *(f"{rates[batch]:,.0f}" for rates in results.rates.values())) for batch in BATCHES],
    )
    caption(
        f"Median of three passes over {results.count:,} digits of MNIST; {results.machine}. To measure it on your "
        "machine: python benchmarks/loaders.py"
    )


def _name(source: str) -> str:
    """A source of batches, for readers."""
    if source == MEMORY:
        return IN_MEMORY
    return "No worker" if source == "0" else f"{source} worker{'s' if source != '1' else ''}"


def _chart(results: Results) -> alt.Chart:
    """Rate by batch size, a line for each source, both axes logarithmic."""
    data = pd.DataFrame(
        [
            {"source": _name(source), "batch": batch, "rate": rate}
            for source, rates in results.rates.items()
            for batch, rate in rates.items()
        ]
    )
    names = [_name(source) for source in (*map(str, WORKERS), MEMORY)]
    return (
        alt.Chart(data)
        .mark_line(point=True)
        .encode(
            x=alt.X("batch", title="Batch size", scale=alt.Scale(type="log", base=2), axis=alt.Axis(values=BATCHES)),
            y=alt.Y(
                "rate",
                title="Pictures per second",
                scale=alt.Scale(type="log", domain=[5_000, 2_000_000], nice=False),
                axis=alt.Axis(format="~s", values=[10_000, 100_000, 1_000_000]),
            ),
            color=alt.Color(
                "source",
                title=None,
                scale=alt.Scale(domain=names, range=list(COLOURS)),
                legend=alt.Legend(orient="top", columns=2),
            ),
            tooltip=["source", "batch", alt.Tooltip("rate", format=",")],
        )
        .properties(
            height=440,
            description=f"Pictures per second by batch size: from one tensor in memory up to {results.ratio:.0f} times "
            "as many as from the fastest DataLoader.",
        )
    )


LESSON = Lesson(
    slug="loading",
    title="What training waits for",
    goals=(
        "Opening and converting pictures one at a time takes about as long as learning from them: a small net learns "
        "from about ten thousand digits per second, and one process loads hardly more.",
        "Worker processes load pictures in parallel, but they share the processor cores, and every batch they make has "
        "to be sent to the process that trains.",
        "A data set that fits into memory is converted once, before training; after that, making a batch is a single "
        "indexing step.",
    ),
    challenge="One worker is slower than none, and four workers are hardly faster than two. Why?",
    answer="A single worker converts the pictures one after another, just as the training process would, and then has "
    "to send it every batch. The machine measured here has two processor cores, which four workers have to share, so "
    "two of them are always waiting.",
    tasks=("digits",),
    order=4,
    draw=draw,
)
