"""The probability of a label after each letter or word of a text.

A small chart along the text, and the same in words.
"""

from collections.abc import Sequence
from itertools import groupby

from app.hub.markup import escape, shown
from app.hub.phrases import percent
from models.belief import Belief

MAX_NAMED = 20  # tokens that are named under the chart and read aloud
MAX_CHANGES = 4  # of the likeliest label that are listed


def chart(tokens: Sequence, belief: Belief, label: str, colour: str) -> str:
    """HTML: a bar per token, as high as the probability of `label` after it; a tick marks a likelier label.

    Words are set vertically under their bars, which are too narrow for them.
    """
    probabilities = belief.of(label)
    rivals = belief.rivals(label)
    cells = "".join(
        _cell(_prefix(tokens, i), token.text if len(tokens) <= MAX_NAMED else "", label, probabilities[i], *rivals[i])
        for i, token in enumerate(tokens)
    )
    vertical = " words" if _unit(tokens) == "word" else ""
    return (
        f'<p class="zoo-soft">Probability of {escape(shown(label))} after each {_unit(tokens)}; a dash marks a '
        "likelier label.</p>"
        f'<div class="zoo-belief zoo-tell{vertical}" style="--colour:{colour}" aria-hidden="true">{cells}</div>'
        f'<p class="zoo-soft">{escape(describe(tokens, belief.leaders()))}</p>'
        f'<p class="zoo-unseen">{escape(_read_aloud(tokens, probabilities, label))}</p>'
    )


def describe(tokens: Sequence, leaders: Sequence[str]) -> str:
    """Which label was likeliest after each token: "Likeliest label: Russian at first, German from “sch” on."."""
    runs = [(shown(name), next(at)[0]) for name, at in groupby(enumerate(leaders), key=lambda pair: pair[1])]
    if len(runs) == 1:
        return f"Likeliest label: {runs[0][0]} from the first {_unit(tokens)} on."
    steps = [f"{name} from \u201c{_prefix(tokens, at)}\u201d on" for name, at in runs[1:]]
    if len(runs) > MAX_CHANGES:
        steps = [f"after {len(steps)} changes {steps[-1]}"]
    return f"Likeliest label: {', '.join([f'{runs[0][0]} at first', *steps])}."


def _cell(prefix: str, letter: str, label: str, probability: float, rival: str, rival_probability: float) -> str:
    shares = f"{shown(label)} {percent(float(probability))}, {shown(rival)} {percent(rival_probability)}"
    tooltip = f"After \u201c{prefix}\u201d: {shares}"
    tick = f'<b style="bottom:{rival_probability:.1%}"></b>' if rival_probability > probability else ""
    return (
        f'<span tabindex="-1" data-tooltip="{escape(tooltip, quote=True)}"><span class="room">'
        f'<i style="height:{float(probability):.1%}"></i>{tick}</span><span class="name">{escape(letter)}</span></span>'
    )


def _read_aloud(tokens: Sequence, probabilities: Sequence[float], label: str) -> str:
    """The chart for screen readers; of a long text, only its end."""
    read = list(zip(tokens, probabilities, strict=True))[-MAX_NAMED:]
    each = ", ".join(f"{token.text} {percent(float(share))}" for token, share in read)
    which = "each" if len(read) == len(tokens) else f"each of the last {MAX_NAMED}"
    return f"Probability of {shown(label)} after {which} {_unit(tokens)}{'' if which == 'each' else 's'}: {each}."


def _prefix(tokens: Sequence, i: int) -> str:
    """The text up to token i as it was read; only its end if it is long."""
    separator = " " if _unit(tokens) == "word" else ""
    text = separator.join(token.text for token in tokens[: i + 1])
    return text if len(text) <= 24 else f"\u2026{text[-24:]}"


def _unit(tokens: Sequence) -> str:
    return "word" if any(len(token.text) > 1 for token in tokens) else "letter"
