"""The blind test: the models' names are hidden until the visitor has picked an answer. For this visit only."""

import random
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase

import streamlit as st

from app.hub.answers.ask import Answer
from app.hub.answers.feedback import Input, label_name
from app.hub.colours import colours
from app.hub.markup import dot, escape, plain
from app.hub.names import display_names
from app.hub.safety import guarded
from models.catalog import Model
from models.task import Task

KEY = "blind"
SWITCH = "blind-switch"
NEXT = {"ink": "drawing", "picture": "photo", "text": "text", "fields": "case"}
GREY = "#80808c"  # of every column while names are hidden


@dataclass(frozen=True)
class Appearance:
    """How a column shows its model. mark: the model's id, or a letter while names are hidden."""

    name: str
    colour: str
    mark: str
    hidden: bool = False


@dataclass
class BlindTest:
    """This visit's blind test.

    on: whether the test is switched on; seed: for the order of this round; vote: the input of the last vote, and the
        picked answer.
    picks, votes: by model, how often its answer was picked, and in how many votes it took part.
    """

    on: bool = False
    seed: int = 0
    vote: tuple[Input, str] | None = None
    picks: Counter = field(default_factory=Counter)
    votes: Counter = field(default_factory=Counter)


def state() -> BlindTest:
    """This visit's blind test."""
    return st.session_state.setdefault(KEY, BlindTest())


def begin(input: Input) -> None:
    """Start a new round in a new order if the input has changed since the last vote, which revealed the old order."""
    test = state()
    if test.vote and test.vote[0] != input:
        test.vote, test.seed = None, random.getrandbits(32)


def hides(chosen: Sequence[Model]) -> bool:
    """Whether names are hidden now. A single model is never hidden."""
    return state().on and state().vote is None and len(chosen) > 1


def ordered(chosen: Sequence[Model]) -> list[Model]:
    """The models in this round's order during a blind test; adding or removing a model does not reorder the others."""
    test = state()
    if not test.on or len(chosen) < 2:
        return list(chosen)
    return sorted(chosen, key=lambda model: zlib.crc32(f"{test.seed} {model.id}".encode()))


def appearances(shown: Sequence[Model], available: Sequence[Model]) -> dict[str, Appearance]:
    """Model id -> how its column shows it."""
    if hides(shown):
        return {model.id: Appearance(_letter(i), GREY, _letter(i), hidden=True) for i, model in enumerate(shown)}
    colour, names = colours([model.id for model in available]), display_names(available)
    return {model.id: Appearance(names[model.id], colour[model.id], model.id) for model in shown}


def vote(input: Input, answer: str, picked: Sequence[str], shown: Sequence[str]) -> None:
    """Record a vote for `answer`, which the models `picked` of those `shown` gave; names are visible from now on."""
    test = state()
    test.vote = (input, answer)
    test.votes.update(shown)
    test.picks.update(picked)


def switch() -> None:
    """Draw the switch. Streamlit drops its state when the visitor leaves the page, so it is set from ours."""
    test = state()
    st.session_state[SWITCH] = test.on

    def toggle() -> None:
        test.on, test.vote, test.seed = st.session_state[SWITCH], None, random.getrandbits(32)

    st.toggle(
        "Blind test",
        key=SWITCH,
        on_change=guarded(toggle),
        help="Hides the models' names until you have picked an answer.",
    )


def row(task: Task, input_id: str, answers: Sequence[Answer], names: dict[str, str], colour: dict[str, str]) -> None:
    """Draw the vote while names are hidden; after it, the picked answer and how often each model was picked."""
    labels = {answer.model.id: answer.prediction.label for answer in answers if answer.prediction}
    if not state().on or len(answers) < 2 or not labels:
        return
    if state().vote is None:
        _ballot(task, (task.slug, input_id), labels, names)
        return
    counts = "".join(
        f"<span>{dot(colour[model])}{escape(names[model])} {state().picks[model]} of {votes}</span>"
        for model, votes in state().votes.most_common()
        if model in names
    )
    picked = f"You picked <b>{escape(state().vote[1])}</b>. The names are hidden again for the next {NEXT[task.input]}."
    st.html(f'<p class="zoo-tally" role="status">{picked} Your picks, this visit: {counts}</p>')


def _ballot(task: Task, input: Input, labels: dict[str, str | None], names: dict[str, str]) -> None:
    """The buttons of the vote. labels: model id -> its answer."""
    _, input_id = input
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="vote"):
        st.html('<p class="zoo-ask">Which answer would you pick?</p>', width="content")
        for label in dict.fromkeys(labels.values()):
            models = [model for model in labels if labels[model] == label]
            st.button(
                plain(f"{label_name(task, label)} ({', '.join(names[model] for model in models)})"),
                key=f"vote-of-{input_id}-{label}",
                on_click=guarded(vote),
                args=(input, label_name(task, label), models, list(labels)),
            )
        st.button(
            "None of them",
            key=f"vote-none-{input_id}",
            on_click=guarded(vote),
            args=(input, "none of them", [], list(labels)),
        )


def _letter(index: int) -> str:
    return ascii_uppercase[index] if index < len(ascii_uppercase) else str(index + 1)
