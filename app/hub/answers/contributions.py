"""The evidence of each field for a label, as bars to both sides, and in words."""

from typing import Any

import numpy as np

from app.hub.markup import escape, shown
from models.evidence import Evidence
from models.task import Task

MAX_ROWS = 12  # fields that are listed, the strongest
WEAK = 0.15  # of the strongest evidence; weaker evidence is not described


def contributions(task: Task, raw: Any, evidence: Evidence, label: str, name: str) -> str:
    """HTML: a row for each of the strongest fields, the strongest first.

    raw: the canonical input. name: the label as people read it.
    """
    values = evidence.of(label)
    strongest = float(np.abs(values).max()) or 1.0
    fields = {each.name: each for each in task.fields}
    order = np.argsort(-np.abs(values), kind="stable")[:MAX_ROWS]
    rows = ""
    for i in order.tolist():
        each, share = fields[evidence.places.parts[i]], float(values[i]) / strongest
        side = "for" if share > 0 else "against"
        strength = f"{share:+.0%} of the strongest" if abs(share) >= 0.005 else "no evidence"
        rows += (
            f'<b title="{escape(each.label)}">{escape(each.title or each.name)}</b>'
            f"<span>{escape(each.display(raw.values[each.name]))}</span>"
            f'<span class="side" title="{escape(strength)}">'
            f'<i class="{side}" style="width:{abs(share) / 2:.1%}"></i></span>'
        )
    rest = len(values) - len(order)
    more = f" The other {rest} fields count less." if rest > 0 else ""
    words = escape(describe(task, evidence, label, name)) + more
    return f'<div class="zoo-sides" aria-hidden="true">{rows}</div><p class="zoo-soft">{words}</p>'


def describe(task: Task, evidence: Evidence, label: str, name: str) -> str:
    """The evidence in words, with the strongest field on either side."""
    values, titles = evidence.of(label), {each.name: each.title or each.name for each in task.fields}
    threshold = WEAK * float(np.abs(values).max())
    sentences = []
    for colour, side, strength in (("Blue", f"for {shown(name)}", values), ("Orange", "against it", -values)):
        if strength.max(initial=0) > max(threshold, 1e-6):
            part = titles[evidence.places.parts[int(strength.argmax())]]
            sentences.append(f"{colour}: evidence {side} compared with the typical value, strongest: {part}.")
    return " ".join(sentences) or f"No value is evidence for or against {shown(name)}: all are typical."
