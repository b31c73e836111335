"""Blind mode: the models' names are hidden until the visitor has said which answer he believes. For this visit only."""

import random
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from string import ascii_uppercase

import streamlit as st

from app.hub.answers.ask import Answer
from app.hub.answers.feedback import Input, word
from app.hub.colours import colours
from app.hub.markup import dot, plain
from app.hub.names import names
from app.hub.safety import guarded
from models.catalog import Model
from models.task import Task

KEY = "blind"
SWITCH = "blind-switch"
NEXT = {"ink": "drawing", "picture": "photo", "text": "text"}
GREY = "#80808c"  # every column's while it has no name


@dataclass(frozen=True)
class Face:
    """What a column shows of its model. mark: its letter while its name is hidden, else its id."""

    name: str
    colour: str
    mark: str
    hidden: bool = False


@dataclass
class Kept:
    """on: whether names are hidden; seed: of the order of this round; voted: the input voted on, and in words what was believed.

    believed, votes: by model, how often its answer was believed, of how many votes.
    """

    on: bool = False
    seed: int = 0
    voted: tuple[Input, str] | None = None
    believed: Counter = field(default_factory=Counter)
    votes: Counter = field(default_factory=Counter)


def kept() -> Kept:
    """This visit's."""
    return st.session_state.setdefault(KEY, Kept())


def begin(given: Input) -> None:
    """A new round, in a new order, once the input is another than the one voted on: the old order has been given away."""
    here = kept()
    if here.voted and here.voted[0] != given:
        here.voted, here.seed = None, random.getrandbits(32)


def hides(chosen: Sequence[Model]) -> bool:
    """Whether names are hidden now. With one model there is nothing to hide."""
    return kept().on and kept().voted is None and len(chosen) > 1


def ordered(chosen: Sequence[Model]) -> list[Model]:
    """The models in the order of this round, if it is blind; who joins or leaves does not mix up the others."""
    here = kept()
    if not here.on or len(chosen) < 2:
        return list(chosen)
    return sorted(chosen, key=lambda model: zlib.crc32(f"{here.seed} {model.id}".encode()))


def faces(shown: Sequence[Model], available: Sequence[Model]) -> dict[str, Face]:
    """id -> what its column shows."""
    if hides(shown):
        return {model.id: Face(_letter(i), GREY, _letter(i), hidden=True) for i, model in enumerate(shown)}
    colour, called = colours([model.id for model in available]), names(available)
    return {model.id: Face(called[model.id], colour[model.id], model.id) for model in shown}


def vote(given: Input, words: str, believed: Sequence[str], shown: Sequence[str]) -> None:
    """The visitor believes the models `believed`, which said `words`, of those `shown`; the names are shown from now on."""
    here = kept()
    here.voted = (given, words)
    here.votes.update(shown)
    here.believed.update(believed)


def switch() -> None:
    """The switch; its own state is lost where the page is left, so ours is laid into it."""
    here = kept()
    st.session_state[SWITCH] = here.on

    def turn() -> None:
        here.on, here.voted, here.seed = st.session_state[SWITCH], None, random.getrandbits(32)

    st.toggle(
        "Blind test",
        key=SWITCH,
        on_change=guarded(turn),
        help="Hides the models' names until you have picked an answer.",
    )


def row(task: Task, which: str, given: Sequence[Answer], called: dict[str, str], colour: dict[str, str]) -> None:
    """The vote while names are hidden; then what was believed, and how often each was."""
    said = {one.model.id: one.prediction.label for one in given if one.prediction}
    if not kept().on or len(given) < 2 or not said:
        return
    name, voted = (task.slug, which), kept().voted
    if voted is None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="vote"):
            st.html('<p class="zoo-ask">Which answer would you pick?</p>', width="content")
            for label in dict.fromkeys(said.values()):
                who = [model for model, one in said.items() if one == label]
                text = f"{word(task, label)} ({', '.join(called[model] for model in who)})"
                st.button(
                    plain(text),
                    key=f"vote-of-{which}-{label}",
                    on_click=guarded(vote),
                    args=(name, word(task, label), who, list(said)),
                )
            st.button(
                "None of them",
                key=f"vote-none-{which}",
                on_click=guarded(vote),
                args=(name, "none of them", [], list(said)),
            )
        return
    counts = "".join(
        f"<span>{dot(colour[model])}{escape(called[model])} picked {kept().believed[model]} of {of}</span>"
        for model, of in kept().votes.most_common()
        if model in called
    )
    believed = f"You picked <b>{escape(voted[1])}</b>. The names are hidden again for the next {NEXT[task.input]}."
    st.html(f'<p class="zoo-tally" role="status">{believed} Your picks, this visit: {counts}</p>')


def _letter(index: int) -> str:
    return ascii_uppercase[index] if index < len(ascii_uppercase) else str(index + 1)
