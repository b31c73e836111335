"""What if one value were another: the probability of a label along the range of a field, as a strip of bars."""

from app.hub.markup import escape, shown
from app.hub.phrases import percent
from models.field import number
from models.what_if import WhatIf


def strip(what_if: WhatIf, label: str, name: str, colour: str) -> str:
    """HTML: a bar for each value, the one of the input marked. name: the label as people read it."""
    probabilities = what_if.of(label)
    marked = _nearest(what_if)
    cells = "".join(
        f'<span tabindex="-1" data-tooltip="{escape(_tooltip(what_if, i, float(share), name), quote=True)}"'
        f'{" class=here" if i == marked else ""}><span class="room"><i style="height:{float(share):.1%}"></i></span>'
        f"{escape(what_if.field.display(what_if.values[i])) if what_if.field.choices else ''}</span>"
        for i, share in enumerate(probabilities)
    )
    field = what_if.field
    low, high = what_if.values[0], what_if.values[-1]
    ends = "" if field.choices else f" from {number(low)} to {number(high)}{' ' + field.unit if field.unit else ''}"
    here = f"; now {field.display(what_if.at)}" if what_if.at is not None else "; now unknown"
    return (
        f'<p class="zoo-soft">Probability of {escape(shown(name))} by {escape(field.title or field.name)}'
        f"{escape(ends)}{escape(here)}.</p>"
        f'<div class="zoo-belief zoo-tell zoo-strip" style="--colour:{colour}" aria-hidden="true">{cells}</div>'
        f'<p class="zoo-unseen">{escape(_read_aloud(what_if, probabilities, name))}</p>'
    )


def _nearest(what_if: WhatIf) -> int | None:
    """The value nearest to that of the input; None if it is not known."""
    if what_if.at is None:
        return None
    if isinstance(what_if.at, str):
        return what_if.values.index(what_if.at) if what_if.at in what_if.values else None
    return min(range(len(what_if.values)), key=lambda i: abs(what_if.values[i] - what_if.at))


def _tooltip(what_if: WhatIf, i: int, share: float, name: str) -> str:
    field = what_if.field
    return f"{field.title or field.name} {field.display(what_if.values[i])}: {shown(name)} {percent(share)}"


def _read_aloud(what_if: WhatIf, probabilities, name: str) -> str:
    """The strip for screen readers: at most nine values."""
    step = max(1, len(what_if.values) // 8)
    each = ", ".join(
        f"{what_if.field.display(what_if.values[i])}: {percent(float(probabilities[i]))}"
        for i in range(0, len(what_if.values), step)
    )
    return f"Probability of {shown(name)} by {what_if.field.title or what_if.field.name}: {each}."
