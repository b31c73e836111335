"""The confusion matrix of a model with the examples of its cells; a click on an example opens it on the task's page."""

from types import ModuleType

import streamlit as st

from app import confusion_examples as making
from app.hub import inputs, links, phrases
from app.hub.components.picks import picks
from app.hub.markup import escape, shown
from app.hub.model import charts, figures
from app.hub.safety import contained
from app.hub.text_blocks import caption, notice
from models import confusion_examples
from models.catalog import Model
from models.checkpoint import Checkpoint
from models.confusion_examples import Cell, Cells, Sample
from models.errors import BadInput, ZooError
from models.task import Task

MAX_LABELS = 300  # of a matrix that is shown; one of 4,000 labels would be a page of a gigabyte
EXTREMES = 8  # examples that are most wrong, and as many that are hardest
SIDE = 96  # pixels of an example's picture
SHOW = "Show the examples"


def matrix(
    model: Model, checkpoint: Checkpoint, dataset: str | None, labels: list[str], counts: list[list[int]]
) -> None:
    """Draw the matrix and, once the examples have been collected, those of the selected cell.

    dataset: whose test split was counted; None for cross-validation, whose nets are gone. labels: the display names;
    counts: [true label][predicted label].
    """
    if len(labels) > MAX_LABELS:
        return notice(f"The confusion matrix of {len(labels):,} labels is too large to show.")
    if dataset is None:
        st.html(charts.confusion(labels, counts))
        return
    examples = confusion_examples.load(checkpoint, dataset)
    if examples is None:
        st.html(charts.confusion(labels, counts))
        if making.can_be_made():
            _offer(model, dataset)
        return
    key = f"cell-{model.id}-{dataset}"
    with contained():
        _extremes(model, examples, labels, key)
    true_key, predicted_key = f"{key}-true", f"{key}-predicted"
    for name, default in zip((true_key, predicted_key), _worst(counts), strict=True):
        if st.session_state.get(name) not in range(len(labels)):  # at first, or after the model was replaced
            st.session_state[name] = default
    selected = st.session_state[true_key], st.session_state[predicted_key]
    clicked = picks(charts.confusion(labels, counts, selected), f"{key}-table")
    if clicked and (cell := _cell(clicked, len(labels))) and cell != selected:
        st.session_state[true_key], st.session_state[predicted_key] = cell
        st.rerun()
    with st.container(horizontal=True, key=f"{key}-choice"):
        indexes = range(len(labels))
        true = st.selectbox("True label", indexes, format_func=labels.__getitem__, key=true_key)
        predicted = st.selectbox("Predicted label", indexes, format_func=labels.__getitem__, key=predicted_key)
    _examples(model, examples.of(true, predicted), labels, key)


def _offer(model: Model, dataset: str) -> None:
    """Draw the button that collects the examples, or why they cannot be collected."""
    key = f"examples-{model.id}-{dataset}"
    place = st.empty()
    clicked = place.button(SHOW, icon=":material/search:", key=key)
    if st.session_state.pop(f"{key}-running", False) and not clicked:
        notice(
            f"The run was interrupted by a click elsewhere on the page. Click {SHOW} again and wait until it has "
            "finished."
        )
    if clicked:
        st.session_state[f"{key}-running"] = True  # until it has finished
        text = f"Running the model on the {figures.dataset_name(model.task, dataset)}, once"
        bar = place.progress(0.0, text=text)
        try:
            for share in making.make(model.id, dataset):
                bar.progress(min(share, 1.0), text=text)
        except ZooError as error:
            place.empty()
            notice(f"The examples cannot be shown. {error}")
            del st.session_state[f"{key}-running"]
        else:
            st.rerun()


def _examples(model: Model, cell: Cell, labels: list[str], key: str) -> None:
    title = f"labelled {shown(labels[cell.true])}, answered {shown(labels[cell.predicted])}"
    if not cell.samples:
        notice(f"There is no example {title}.")
        return
    order = "lowest" if cell.true == cell.predicted else "highest"
    some = f" The {len(cell.samples)} with the {order} confidence:" if cell.count > len(cell.samples) else ""
    caption(f"{phrases.capitalized(title)}: {cell.count:,}.{some}")
    _gallery(model, [(sample, title) for sample in cell.samples], f"{key}-{cell.true}-{cell.predicted}")


def _extremes(model: Model, cells: Cells, labels: list[str], key: str) -> None:
    """Draw the mistakes that the model was surest of, and the right answers that it was least sure of."""
    for heading, name, found in (
        ("**The most wrong**: mistakes with the highest confidence", "wrong", cells.most_wrong(EXTREMES)),
        ("**The hardest**: right answers with the lowest confidence", "hard", cells.hardest(EXTREMES)),
    ):
        if found:
            st.markdown(heading)
            titled = [
                (sample, f"labelled {shown(labels[cell.true])}, answered {shown(labels[cell.predicted])}")
                for cell, sample in found
            ]
            _gallery(model, titled, f"{key}-{name}")


def _gallery(model: Model, samples: list[tuple[Sample, str]], key: str) -> None:
    """Draw inputs with their titles; a click opens one on the task's page."""
    kind = inputs.kind(model.task)
    items = "".join(
        f"<li>{_button(kind, model.task, sample, i, title)}</li>" for i, (sample, title) in enumerate(samples)
    )
    clicked = picks(f"<ul>{items}</ul>", key)
    if clicked and clicked.isdecimal() and int(clicked) < len(samples):
        try:
            address = kind.set_input(model.task, samples[int(clicked)][0].raw_input())
        except BadInput as error:
            notice(str(error))
        else:
            st.switch_page(links.task(model.task), query_params={"models": model.id, **address})


def _button(kind: ModuleType, task: Task, sample: Sample, index: int, title: str) -> str:
    confidence = f"{100 * sample.confidence:.0f}% sure" + (", abstained" if sample.abstained else "")
    try:
        picture = kind.example(task, sample.raw_input(), title, SIDE)
    except ZooError:
        picture = "<span>No longer available</span>"  # a photo that was moved since
    tooltip = escape(f"Open on the task page: {title}, {confidence}", quote=True)
    return (
        f'<button type="button" data-pick="{index}" '
        f'title="{tooltip}">{picture}<small>{escape(confidence)}</small></button>'
    )


def _cell(clicked: str, count: int) -> tuple[int, int] | None:
    row, _, column = clicked.partition(",")
    if row.isdecimal() and column.isdecimal() and len(clicked) < 20 and max(int(row), int(column)) < count:
        return int(row), int(column)
    return None


def _worst(counts: list[list[int]]) -> tuple[int, int]:
    """The cell of the most frequent mistake; without mistakes the first cell."""
    cells = [(row, column) for row in range(len(counts)) for column in range(len(counts)) if row != column]
    return max(cells, key=lambda cell: counts[cell[0]][cell[1]], default=(0, 0))
