"""Lesson: a recurrent network that learns to spell."""

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from app.hub.lessons import Lesson
from app.hub.markup import escape
from app.hub.player import Player
from app.hub.text_blocks import caption, notice
from models.errors import BadInput
from models.lessons import recurrent
from models.lessons.recurrent import EPOCHS, MAX_LETTERS, VARIANTS, Variant

SEEDS = 20
SEED = 3  # from which both nets spell the word
PLAYER = Player("epoch", EPOCHS, seconds=0.3)
ACCENT = "#5b5bd6"


def draw() -> None:
    """The two words, the slider of epochs, and a column for each net."""
    PLAYER.draw(_body)


def _body() -> None:
    if PLAYER.playing and PLAYER.step == EPOCHS:
        PLAYER.stop()
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = st.text_input("It reads", "hello", MAX_LETTERS, key="reads", bind="query-params", width=220)
        target = st.text_input("It should answer", "ohlol", MAX_LETTERS, key="answers", bind="query-params", width=220)
        seed = st.number_input(
            "Random seed",
            0,
            SEEDS - 1,
            SEED,
            key="seed",
            bind="query-params",
            width=160,
            help="The net starts from random weights; another seed gives different ones.",
        )
        PLAYER.button(primary=True)
    epoch = PLAYER.slider("Epochs of training")
    try:
        source, target = recurrent.pair(source or "", target or "")
    except BadInput as error:
        notice(str(error))
        return
    for place, variant in zip(st.columns(2), VARIANTS, strict=True):
        with place:
            _column(variant, source, target, seed, epoch)


@st.cache_data(max_entries=64, show_spinner=False)
def _trained(slug: str, source: str, target: str, seed: int) -> recurrent.Lesson:
    variant = next(variant for variant in VARIANTS if variant.slug == slug)
    return recurrent.train(variant, source, target, seed=seed)


def _column(variant: Variant, source: str, target: str, seed: int, number: int) -> None:
    lesson = _trained(variant.slug, source, target, seed)
    epoch = lesson.epochs[number]
    st.subheader(variant.title, anchor=False)
    caption(f"{variant.description} {lesson.parameters:,} parameters.")
    letters = "".join(
        f'<span class="{"right" if got == wanted else "wrong"}">{escape(got)}</span>'
        for got, wanted in zip(epoch.output, target, strict=True)
    )
    said = f"After {number} epochs it answers {epoch.output}"
    st.html(f'<p class="zoo-spelled" role="img" aria-label="{escape(said)}">{letters}</p>')
    right = sum(got == wanted for got, wanted in zip(epoch.output, target, strict=True))
    when = f"Not right within {EPOCHS} epochs." if lesson.spelled is None else f"First right at epoch {lesson.spelled}."
    caption(f"{right} of {len(target)} letters right, loss {epoch.loss:.3f}. {when}")
    _hidden(epoch.hidden, source)
    _losses(lesson, number)


def _hidden(hidden: np.ndarray, source: str) -> None:
    """The hidden state after each letter as a heat map."""
    places = [f"{number}. {letter}" for number, letter in enumerate(source, 1)]
    data = pd.DataFrame(
        {"Letter": place, "Unit": unit + 1, "Value": value}
        for place, row in zip(places, hidden.tolist(), strict=True)
        for unit, value in enumerate(row)
    )
    chart = (
        alt.Chart(data)
        .mark_rect()
        .encode(
            x=alt.X("Letter:N", sort=None, axis=alt.Axis(labelAngle=0, title="Letter it has just read")),
            y=alt.Y("Unit:O", title="Hidden unit"),
            color=alt.Color("Value", scale=alt.Scale(scheme="blueorange", domain=[-1, 1]), legend=None),
            tooltip=["Letter", "Unit", alt.Tooltip("Value", format=".2f")],
        )
    )
    st.altair_chart(
        chart.properties(
            height=220, title="Hidden state", description="The hidden state after each letter, from -1 to 1."
        )
    )


def _losses(lesson: recurrent.Lesson, number: int) -> None:
    data = pd.DataFrame({"epoch": range(len(lesson.epochs)), "loss": [epoch.loss for epoch in lesson.epochs]})
    axes = {"x": alt.X("epoch", title="Epoch"), "y": alt.Y("loss", title="Loss", scale=alt.Scale(domainMin=0))}
    chart = alt.Chart(data).mark_line(color=ACCENT, strokeWidth=3).encode(**axes)
    here = data[data["epoch"] == number]
    chart += alt.Chart(here).mark_circle(color=ACCENT, size=144, opacity=1).encode(**axes, tooltip=["epoch", "loss"])
    st.altair_chart(chart.properties(height=160, description="The loss after each epoch."))


LESSON = Lesson(
    slug="hello",
    title="Hello: a network that reads letter by letter",
    goals=(
        "A recurrent network reads one letter at a time and keeps a hidden state, its only memory of what came before.",
        "The letter l has to become l the first time and o the second, so the answer depends on the hidden state.",
        "The design matters: the network with learned vectors and a linear layer usually learns the word sooner than "
        "the one-hot network.",
    ),
    challenge="Find a seed with which the one-hot network does not spell ohlol within 100 epochs. Then, with seed 3, "
    "find a pair of words that neither network learns.",
    answer="With seed 0 the one-hot network gets stuck: its 4 hidden units are at once its memory and its answer. "
    "Neither turns aaaaaaaaaaaaaaaaaaaa into abbabaabbaababbabaab: to tell equal letters apart, it has to count them.",
    tasks=("names", "reviews"),
    order=2,
    draw=draw,
)
