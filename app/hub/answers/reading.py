"""A text as one model read it: each letter or word coloured by its evidence, the unknown ones marked."""

from collections.abc import Sequence

import numpy as np

from app.hub.markup import escape, shown
from models.evidence import Evidence

WEAK = 0.15  # of the strongest evidence; weaker evidence is not described
MAX_LETTERS = 60  # of one token that are shown
LONG = 30  # tokens, above which they are set in smaller type
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")


def reading(typed: str, tokens: Sequence, evidence: Evidence, label: str) -> str:
    """HTML: the tokens with their evidence, exact on hover or tap, and below them the evidence in words."""
    values = evidence.of(label)
    strongest = float(np.abs(values).max()) or 1.0
    separator = " " if any(len(token.text) > 1 for token in tokens) else ""
    marks = separator.join(
        _mark(token, typed[token.start : token.end], float(value) / strongest, label)
        for token, value in zip(tokens, values, strict=True)
    )
    long = " long" if len(tokens) > LONG else ""
    return (
        f'<p class="zoo-typed zoo-tell{long}" dir="auto">{marks}</p>'
        f'<p class="zoo-soft">{escape(describe(tokens, values, label))}</p>'
    )


def describe(tokens: Sequence, values: np.ndarray, label: str) -> str:
    """The evidence in words, with the strongest token on either side."""
    label = shown(label)
    threshold = WEAK * float(np.abs(values).max())
    sentences = []
    for colour, side, strength in (("Blue", f"for {label}", values), ("Orange", "against it", -values)):
        if strength.max(initial=0) > threshold:
            sentences.append(f"{colour}: evidence {side}, strongest at {_token_name(tokens, int(strength.argmax()))}.")
    return " ".join(sentences) or f"Nothing in the text is clear evidence for or against {label}."


def _token_name(tokens: Sequence, at: int) -> str:
    """A token by its text, and by its position among equal tokens."""
    if not tokens[at].text.strip():
        return "a space"
    same = [i for i, token in enumerate(tokens) if token.text == tokens[at].text]
    position = (
        ""
        if len(same) == 1
        else "the last "
        if at == same[-1]
        else f"the {ORDINALS[same.index(at)]} "
        if same.index(at) < len(ORDINALS)
        else "a later "
    )
    return f"{position}\u201c{_short(tokens[at].text)}\u201d"


def _mark(token, typed: str, share: float, label: str) -> str:
    side, sign = ("for", "+") if share > 0 else ("against", "\u2212")
    description = (
        f"evidence {side} {shown(label)} ({sign}{abs(share):.0%} of the strongest)"
        if abs(share) >= WEAK
        else "weak evidence"
    )
    if not token.known:
        return _tooltip(f"\u201c{_short(typed)}\u201d is unknown to this model", "unknown", 0, _short(typed))
    as_read = "" if typed.lower() == token.text else f" (you typed \u201c{_short(typed)}\u201d)"
    return _tooltip(f"\u201c{token.text}\u201d{as_read}: {description}", side, abs(share), _short(token.text))


def _tooltip(text: str, kind: str, strength: float, shown: str) -> str:
    """A mark with a tooltip on hover or tap (a tap needs a tabindex)."""
    return (
        f'<mark class="{kind}" style="--strength:{strength:.0%}" tabindex="-1" '
        f'data-tooltip="{escape(text, quote=True)}">{escape(shown)}</mark>'
    )


def _short(text: str) -> str:
    return text if len(text) <= MAX_LETTERS else f"{text[:MAX_LETTERS]}\u2026"
