"""The confusion table of a model, and what lies behind its counts: a cell opens its inputs, and a click takes one to the task's page."""

from html import escape

import streamlit as st

from app import confusion_examples as making
from app.hub import inputs, links
from app.hub.components.picks import picks
from app.hub.model import charts, figures
from app.hub.say import aside, sentence
from models import confusion_examples
from models.catalog import Model
from models.checkpoint import Checkpoint
from models.confusion_examples import Cell, Sample
from models.errors import BadInput, ZooError

SIDE = 96  # pixels of a picture


def matrix(model: Model, checkpoint: Checkpoint, dataset: str, labels: list[str], counts: list[list[int]]) -> None:
    """The table, and under it the inputs of the cell that is open, once somebody asked for them.

    labels: as people say them; counts: [what it was][what it was taken for].
    """
    found = confusion_examples.kept(checkpoint, dataset)
    if found is None:
        st.html(charts.confusion(labels, counts))
        if making.can_be_made():
            _offer(model, dataset)
        return
    key = f"cell-{model.id}-{dataset}"
    was_key, taken_key = f"{key}-was", f"{key}-taken"
    for name, first in zip((was_key, taken_key), _worst(counts), strict=True):
        if st.session_state.get(name) not in range(len(labels)):  # at first, or of a model that was replaced
            st.session_state[name] = first
    chosen = st.session_state[was_key], st.session_state[taken_key]
    picked = picks(charts.confusion(labels, counts, chosen), f"{key}-table")
    if picked and (place := _place(picked, len(labels))) and place != chosen:
        st.session_state[was_key], st.session_state[taken_key] = place
        st.rerun()
    with st.container(horizontal=True, key=f"{key}-choice"):
        names = range(len(labels))
        was = st.selectbox("It was", names, format_func=labels.__getitem__, key=was_key)
        taken = st.selectbox("It was taken for", names, format_func=labels.__getitem__, key=taken_key)
    _inputs(model, found.of(was, taken), labels, key)


def _offer(model: Model, dataset: str) -> None:
    """The button that has the inputs found; what came of it, where nothing did."""
    key = f"behind-{model.id}-{dataset}"
    place = st.empty()
    asked = place.button("see what is behind the counts", icon=":material/search:", key=key)
    if st.session_state.pop(f"{key}-begun", False) and not asked:
        sentence(
            "It was stopped before it was through, by a click elsewhere on the page. Press the button again, and wait."
        )
    if asked:
        st.session_state[f"{key}-begun"] = True  # until it is through
        called = figures.dataset_name(model.task, dataset)
        bar = place.progress(0.0, text=f"The model looks at the {called} again, once ...")
        try:
            for share in making.make(model.id, dataset):
                bar.progress(min(share, 1.0), text=f"The model looks at the {called} again, once ...")
        except ZooError as error:
            place.empty()
            sentence(f"What is behind these counts cannot be shown here. {error}")
            del st.session_state[f"{key}-begun"]
        else:
            st.rerun()


def _inputs(model: Model, cell: Cell, labels: list[str], key: str) -> None:
    was, taken = labels[cell.was], labels[cell.taken]
    if not cell.samples:
        sentence(f"No {was} was taken for {taken}.")
        return
    surest = "least sure" if cell.was == cell.taken else "surest"
    some = f" The {len(cell.samples)} that it was {surest} of:" if cell.count > len(cell.samples) else ""
    said = "right" if cell.was == cell.taken else f"taken for {taken}"
    aside(f"{was}, {said}: {cell.count:,}.{some}")
    kind = inputs.kind(model.task)
    shown = "".join(f"<li>{_button(kind, sample, i, f'{was}, {said}')}</li>" for i, sample in enumerate(cell.samples))
    picked = picks(f"<ul>{shown}</ul>", f"{key}-{cell.was}-{cell.taken}")
    if picked and picked.isdigit() and int(picked) < len(cell.samples):
        try:
            address = kind.take(model.task, cell.samples[int(picked)].given())
        except BadInput as error:
            sentence(str(error))
        else:
            st.switch_page(links.task(model.task), query_params={"models": model.id, **address})


def _button(kind, sample: Sample, index: int, says: str) -> str:
    sure = f"{100 * sample.sure:.0f}% sure" + (", so it said none of these" if sample.abstained else "")
    try:
        picture = kind.example(sample.given(), says, SIDE)
    except ZooError:
        picture = "<span>It is no longer there.</span>"  # a photo that was moved since
    told = escape(f"Take it to its page: {says}, {sure}", quote=True)
    return f'<button type="button" data-pick="{index}" title="{told}">{picture}<small>{escape(sure)}</small></button>'


def _place(picked: str, many: int) -> tuple[int, int] | None:
    row, _, column = picked.partition(",")
    if row.isdigit() and column.isdigit() and max(int(row), int(column)) < many:
        return int(row), int(column)
    return None


def _worst(counts: list[list[int]]) -> tuple[int, int]:
    """The most frequent mistake; without any the first cell."""
    places = [(row, column) for row in range(len(counts)) for column in range(len(counts)) if row != column]
    return max(places, key=lambda place: counts[place[0]][place[1]], default=(0, 0))
