"""Fields: a form with a labelled input for each; each model's column shows what counted, and what if one changed."""

from hashlib import sha256
from math import floor, log10
from typing import Any

import pandas as pd
import streamlit as st

from app.hub.answers import ask
from app.hub.answers.contributions import contributions
from app.hub.answers.what_if import strip
from app.hub.choice import choice
from app.hub.components.link import link
from app.hub.inputs import entered, fields_code
from app.hub.markup import escape, plain
from app.hub.safety import contained, guarded
from models.catalog import Model
from models.evidence import Evidence
from models.field import Field
from models.inputs import fields
from models.inputs.fields import Fields
from models.task import Task

OVERLAID = False
BESIDE = True
MAX_INPUTS = 20  # numbers with an input each; more are rows of a table
SHOWN = 4  # values in an example's picture
STEPS = 100  # from the low to the high end of a range
VARIED = "what-if"  # the field whose range is shown, by task


def current(task: Task) -> Fields:
    """The values in the form. Raises BadInput."""
    entered.open_link(task)
    return fields.read(entered.state(task).values, task.fields)


def input_id(task: Task) -> str:
    """A hash of the values."""
    return sha256(repr(sorted(entered.state(task).values.items())).encode()).hexdigest()


def problem(task: Task) -> str:
    """What was wrong with the link that was opened; what cannot be read in the form is an error of `current`."""
    return entered.state(task).problem


def show(task: Task, evidence: tuple[Evidence, str] | None = None) -> None:
    """Draw the form, the examples under it, and the choice of the field that is varied."""
    with contained():
        _ways(task)
    with contained():
        _form(task)
    with contained():
        names = [each.name for each in task.fields]
        first = names.index(varied(task))
        st.html('<p class="zoo-soft">Vary one value. Each model\'s column shows how its answer changes with</p>')
        choice(
            "The value that is varied",
            names,
            f"varied-{task.slug}",
            format_option={each.name: each.label for each in task.fields}.__getitem__,
            select=lambda name: st.session_state.update({f"{VARIED}-{task.slug}": name}),
            first=first,
        )


def varied(task: Task) -> str:
    """The name of the field whose range is shown: the first number, until another is chosen."""
    first = next((each.name for each in task.fields if not each.choices), task.fields[0].name)
    chosen = st.session_state.get(f"{VARIED}-{task.slug}", first)
    return chosen if any(each.name == chosen for each in task.fields) else first


def column(model: Model, raw: Any, label: str, colour: str) -> str:
    """The evidence of each field for `label`, and its probability along the range of one field."""
    name = model.task.display_name(label)
    values = ask.read(model, raw)
    what_if = ask.what_if(model, values, varied(model.task))
    evidence = ask.explain(model, values)
    return contributions(model.task, values, evidence, label, name) + strip(what_if, label, name, colour)


def example(task: Task, raw: Any, alt: str, side: int) -> str:
    """The first values, in words."""
    known = [
        f"{each.title or each.name} {each.display(raw[each.name])}{each.unit and f' {each.unit}'}"
        for each in task.fields
        if raw.get(each.name) is not None
    ]
    more = ", \u2026" if len(known) > SHOWN else ""
    text = ", ".join(known[:SHOWN]) + more
    return f'<span class="zoo-typed long" title="{escape(alt, quote=True)}">{escape(text)}</span>'


def set_input(task: Task, raw: Any) -> dict[str, str]:
    """Fill the form."""
    entered.enter(task, raw)
    return {}


def _ways(task: Task) -> None:
    """The buttons that fill the form."""
    with st.container(horizontal=True, gap="small", key="ways"):
        for number, each in enumerate(task.examples):
            st.button(
                plain(each.title),
                key=f"example-{task.slug}-{number}",
                on_click=guarded(entered.enter),
                args=(task, each.raw),
            )
        st.button(
            "Typical", key=f"typical-{task.slug}", on_click=guarded(lambda: entered.enter(task, entered.typical(task)))
        )
        st.button("Empty", key=f"empty-{task.slug}", on_click=guarded(entered.enter), args=(task, {}))
        with contained():
            _link(task)


def _link(task: Task) -> None:
    """The button that copies a link with the values, which are not in the address: they may be private."""
    values = entered.state(task).values
    code = fields_code.encode(values)
    is_too_long = not code and any(value is not None for value in values.values())
    link(task, entered.ADDRESS, code, "Too long for a link" if is_too_long else "")


def _form(task: Task) -> None:
    state = entered.state(task)
    numbers = [each for each in task.fields if not each.choices]
    in_table = numbers if len(numbers) > MAX_INPUTS else []
    with st.container(key="fields"):
        for number, each in enumerate(task.fields):
            key = f"field-{task.slug}-{state.revision}-{number}"
            if each.choices:
                _select(task, each, state.start.get(each.name), key)
            elif each not in in_table:
                _number(task, each, state.start.get(each.name), key)
    if in_table:
        _table(task, in_table, state)


def _number(task: Task, each: Field, start: Any, key: str) -> None:
    _begin(key, None if start is None else float(start))
    st.number_input(
        plain(each.label),
        value=None,
        step=_step(each),
        format="%g",
        placeholder="not known",
        key=key,
        on_change=guarded(lambda: entered.update(task, each.name, st.session_state.get(key))),
    )


def _select(task: Task, each: Field, start: Any, key: str) -> None:
    _begin(key, start)
    st.selectbox(
        plain(each.label),
        each.choices,
        index=None,
        format_func=each.display,
        placeholder="not known",
        key=key,
        on_change=guarded(lambda: entered.update(task, each.name, st.session_state.get(key))),
    )


def _begin(key: str, start: Any) -> None:
    """Set the first value of a widget: one whose default is a value cannot be emptied."""
    if key not in st.session_state:
        st.session_state[key] = start


def _table(task: Task, numbers: list[Field], state: entered.Entered) -> None:
    """A table in which each row is a field."""
    key = f"table-{task.slug}-{state.revision}"

    def edited() -> None:
        for row, cells in st.session_state[key]["edited_rows"].items():
            entered.update(task, numbers[int(row)].name, cells.get("Value"))

    st.data_editor(
        pd.DataFrame(
            {
                "Field": [each.label for each in numbers],
                "Value": [state.start.get(each.name) for each in numbers],
            }
        ).astype({"Value": "float64"}),
        hide_index=True,
        disabled=["Field"],
        height=400,
        num_rows="fixed",
        key=key,
        on_change=guarded(edited),
    )


def _step(each: Field) -> float:
    """The step of a number's buttons: the field's own, or a round number near a hundredth of its range."""
    if each.step or each.high <= each.low:
        return float(each.step or 1)
    return 10.0 ** floor(log10((each.high - each.low) / STEPS * 2))
