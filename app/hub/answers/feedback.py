"""Was it right? What the visitor says of the answers, and how often each model was right by it: for this visit only."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

import streamlit as st

from app.hub.answers.ask import Answer
from app.hub.choice import choice
from app.hub.markup import dot, plain
from app.hub.phrases import NONE
from app.hub.safety import guarded
from models.prediction import Prediction
from models.task import Task

KEY = "verdicts"
MAX_INPUTS = 1_000  # inputs of one visit that are kept
Input = tuple[str, str]  # the task's slug, and the name of the input (an input kind's `which`)


@dataclass
class Verdict:
    """truth: the label it was, None for none of these; said: what each model had answered, by its id."""

    truth: str | None
    said: dict[str, str | None] = field(default_factory=dict)


@dataclass
class Kept:
    """This visit's verdicts by input, the oldest first; denied: the input whose answers were called wrong, until it is said what it was."""

    verdicts: dict[Input, Verdict] = field(default_factory=dict)
    denied: Input | None = None


def kept() -> Kept:
    """This visit's."""
    return st.session_state.setdefault(KEY, Kept())


def decide(given: Input, truth: str | None, predictions: Sequence[Prediction]) -> None:
    """The input was `truth`; a second verdict on the same input takes the first one's place."""
    here = kept()
    here.verdicts.pop(given, None)
    here.verdicts[given] = Verdict(truth, {one.model: one.label for one in predictions})
    here.denied = None
    while len(here.verdicts) > MAX_INPUTS:
        del here.verdicts[next(iter(here.verdicts))]


def deny(given: Input) -> None:
    """None of the answers was right; what it was is asked next."""
    kept().denied = given


def take_back(given: Input) -> None:
    """No verdict on this input any more."""
    kept().verdicts.pop(given, None)
    kept().denied = None


def forget(task: Task) -> None:
    """The task's tally begins anew."""
    here = kept()
    here.verdicts = {given: one for given, one in here.verdicts.items() if given[0] != task.slug}
    here.denied = None


def tally(task: Task) -> dict[str, tuple[int, int]]:
    """Model id -> (how often right, of how many) by the visitor's verdicts on this task."""
    counts: dict[str, tuple[int, int]] = {}
    for (slug, _), verdict in kept().verdicts.items():
        for model, label in verdict.said.items() if slug == task.slug else ():
            right, of = counts.get(model, (0, 0))
            counts[model] = right + (label == verdict.truth), of + 1
    return counts


def row(task: Task, which: str, given: Sequence[Answer], called: dict[str, str], colour: dict[str, str]) -> None:
    """The question with its answers to click, and the tally below it."""
    predictions = [one.prediction for one in given if one.prediction]
    if not predictions:
        return
    here, name = kept(), (task.slug, which)
    verdict = here.verdicts.get(name)
    if verdict:  # a model that was chosen after it counts too
        verdict.said = {**verdict.said, **{one.model: one.label for one in predictions}}
    labels = list(dict.fromkeys(one.label for one in predictions))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="verdict"):
        if verdict:
            st.html(
                f'<p class="zoo-ask" role="status">Noted: it was <b>{escape(word(task, verdict.truth))}</b>.</p>',
                width="content",
            )
            st.button("Change", key=f"verdict-back-{which}", on_click=guarded(take_back), args=(name,))
        elif here.denied == name:
            _what(task, name, labels, predictions)
        elif len(labels) == 1:
            _question(f"Is \u201c{word(task, labels[0])}\u201d right?")
            st.button(
                "Yes",
                key=f"verdict-yes-{which}-{labels[0]}",
                on_click=guarded(decide),
                args=(name, labels[0], predictions),
            )
            st.button("No", key=f"verdict-no-{which}-{labels}", on_click=guarded(deny), args=(name,))
        else:
            _question("Which is right?")
            for label in labels:
                key, args = f"verdict-of-{which}-{label}", (name, label, predictions)
                st.button(plain(word(task, label)), key=key, on_click=guarded(decide), args=args)
            st.button("Something else", key=f"verdict-no-{which}-{labels}", on_click=guarded(deny), args=(name,))
    _tally(task, called, colour)


def _question(text: str) -> None:
    st.html(f'<p class="zoo-ask">{escape(text)}</p>', width="content")


def _what(task: Task, name: Input, wrong: list[str | None], predictions: list[Prediction]) -> None:
    """What was it, then? Every label but those that were wrong."""
    _, which = name
    options = [label for label in (*task.labels, None) if label not in wrong]
    _question("What was it?")
    choice(
        "What was it?",
        options,
        f"verdict-what-{which}",
        words=lambda label: word(task, label),
        keep=lambda label: decide(name, label, predictions),
        placeholder="Choose a label",
        width=240,
    )
    st.button("Cancel", key=f"verdict-back-{which}", on_click=guarded(take_back), args=(name,))


def _tally(task: Task, called: dict[str, str], colour: dict[str, str]) -> None:
    counts = {model: count for model, count in tally(task).items() if model in called}
    if not counts:
        return
    models = "".join(
        f"<span>{dot(colour[model])}{escape(called[model])} {right} of {of} correct</span>"
        for model, (right, of) in sorted(counts.items(), key=lambda one: -one[1][0] / one[1][1])
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="tally"):
        st.html(f'<p class="zoo-tally">Your tally, this visit: {models}</p>', width="content")
        st.button("Reset", key="verdict-forget", on_click=guarded(forget), args=(task,), type="tertiary")


def word(task: Task, label: str | None) -> str:
    """An answer as people read it."""
    return NONE if label is None else task.display_name(label)
