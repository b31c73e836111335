"""A text as one model read it: each letter or word on the colour of what it spoke, the unknown ones marked."""

from collections.abc import Sequence
from html import escape

import numpy as np

from models.evidence import Evidence

LITTLE = 0.15  # of the strongest evidence; what is weaker is not spoken of
LONGEST = 60  # letters of one part that are shown
LONG = 30  # parts, from which on they are set smaller
TURNS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")


def reading(typed: str, parts: Sequence, evidence: Evidence, label: str) -> str:
    """HTML: the parts (a processor's `parts`), and under them the evidence in words. What a part spoke is said on hover or tap."""
    values = evidence.of(label)
    strongest = float(np.abs(values).max()) or 1.0
    apart = " " if any(len(part.text) > 1 for part in parts) else ""
    marks = apart.join(
        _mark(part, typed[part.start : part.end], float(value) / strongest, label)
        for part, value in zip(parts, values, strict=True)
    )
    long = " long" if len(parts) > LONG else ""
    return (
        f'<p class="zoo-typed zoo-tell{long}" dir="auto">{marks}</p>'
        f'<p class="zoo-soft">{escape(words(parts, values, label))}</p>'
    )


def words(parts: Sequence, values: np.ndarray, label: str) -> str:
    """The evidence in one sentence, with the part that spoke most on either side."""
    seen = LITTLE * float(np.abs(values).max())
    said = []
    for colour, side, strength in (("Blue", f"for {label}", values), ("Orange", "against it", -values)):
        if strength.max(initial=0) > seen:
            said.append(f"{colour}: evidence {side}, strongest at {_which(parts, int(strength.argmax()))}.")
    return " ".join(said) or f"Nothing in it is clear evidence for or against {label}."


def _which(parts: Sequence, at: int) -> str:
    """A part by its letter or word, by its turn too where there are several of it."""
    if not parts[at].text.strip():
        return "a space"
    same = [i for i, part in enumerate(parts) if part.text == parts[at].text]
    turn = (
        ""
        if len(same) == 1
        else "the last "
        if at == same[-1]
        else f"the {TURNS[same.index(at)]} "
        if same.index(at) < len(TURNS)
        else "a later "
    )
    return f"{turn}\u201c{_short(parts[at].text)}\u201d"


def _mark(part, typed: str, share: float, label: str) -> str:
    side, sign = ("for", "+") if share > 0 else ("against", "\u2212")
    said = (
        f"evidence {side} {label} ({sign}{abs(share):.0%} of the strongest)"
        if abs(share) >= LITTLE
        else "little evidence"
    )
    if not part.known:
        return _says(f"\u201c{_short(typed)}\u201d is unknown to this model", "unknown", 0, _short(typed))
    as_read = "" if typed.lower() == part.text else f" (you typed \u201c{_short(typed)}\u201d)"
    return _says(f"\u201c{part.text}\u201d{as_read}: {said}", side, abs(share), _short(part.text))


def _says(said: str, kind: str, strength: float, shown: str) -> str:
    """A mark that says something when it is pointed at or tapped (a tap needs a tabindex)."""
    return (
        f'<mark class="{kind}" style="--strength:{strength:.0%}" tabindex="-1" '
        f'data-says="{escape(said, quote=True)}">{escape(shown)}</mark>'
    )


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\u2026"
