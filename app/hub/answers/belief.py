"""What a model believed after each letter or word of a text: a small chart along the text, and the same in words."""

from collections.abc import Sequence
from html import escape
from itertools import groupby

from app.hub.phrases import percent
from models.belief import Belief

NAMED = 20  # parts that fit under the chart with their letters
CHANGES = 4  # of the leader, in the sentence


def belief(parts: Sequence, found: Belief, label: str, colour: str) -> str:
    """HTML: a bar a part, as high as `label` was believed then, and a tick where another label was ahead."""
    sure = found.of(label)
    rivals = found.rivals(label)
    cells = "".join(
        _cell(_upto(parts, i), part.text if len(parts) <= NAMED else "", label, sure[i], *rivals[i])
        for i, part in enumerate(parts)
    )
    return (
        f'<p class="zoo-soft">Probability of {escape(label)} after each {_kind(parts)}; a dash marks a likelier label.</p>'
        f'<div class="zoo-belief zoo-tell" style="--colour:{colour}" aria-hidden="true">{cells}</div>'
        f'<p class="zoo-soft">{escape(words(parts, found.leaders()))}</p>'
        f'<p class="zoo-unseen">{escape(_read_out(parts, sure, label))}</p>'
    )


def words(parts: Sequence, leaders: Sequence[str]) -> str:
    """Which label was likeliest after each part: "Likeliest label: Russian at first, German from “sch” on."."""
    runs = [(name, next(at)[0]) for name, at in groupby(enumerate(leaders), key=lambda pair: pair[1])]
    if len(runs) == 1:
        return f"Likeliest label: {runs[0][0]} from the first {_kind(parts)} on."
    shown = [f"Likeliest label: {runs[0][0]} at first"]
    last = runs[1:] if len(runs) <= CHANGES else runs[-1:]
    shown += [f"{name} from \u201c{_upto(parts, at)}\u201d on" for name, at in last]
    changes = f" ({len(runs) - 1} changes)" if len(runs) > CHANGES else ""
    return f"{', '.join(shown)}{changes}."


def _cell(upto: str, letter: str, label: str, sure: float, other: str, others: float) -> str:
    said = f"After \u201c{upto}\u201d: {label} {percent(float(sure))}, {other} {percent(others)}"
    tick = f'<b style="bottom:{others:.1%}"></b>' if others > sure else ""
    return (
        f'<span tabindex="-1" data-says="{escape(said, quote=True)}"><span class="room">'
        f'<i style="height:{float(sure):.1%}"></i>{tick}</span>{escape(letter) or ""}</span>'
    )


def _read_out(parts: Sequence, sure: Sequence[float], label: str) -> str:
    each = ", ".join(f"{part.text} {percent(float(share))}" for part, share in zip(parts, sure, strict=True))
    return f"Probability of {label} after each {_kind(parts)}: {each}."


def _upto(parts: Sequence, i: int) -> str:
    """The text up to part i as it was read, its end where it is long."""
    apart = " " if _kind(parts) == "word" else ""
    text = apart.join(part.text for part in parts[: i + 1])
    return text if len(text) <= 24 else f"\u2026{text[-24:]}"


def _kind(parts: Sequence) -> str:
    return "word" if any(len(part.text) > 1 for part in parts) else "letter"
