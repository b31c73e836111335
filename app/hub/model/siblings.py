"""A model among the others of its task: accuracy against size and time, and differences over several seeds."""

import streamlit as st

from app import speed
from app.hub import phrases
from app.hub.colours import colours
from app.hub.markup import plain
from app.hub.model import charts, figures
from app.hub.text_blocks import caption, table
from models import catalog
from models.catalog import Model
from models.checkpoint import Checkpoint
from models.errors import ZooError
from models.evaluation import SeedFigures, difference

FEWEST = 2  # models that make a chart


def show_siblings(model: Model) -> None:
    """Draw the chart, the table and the differences; nothing for a task with few models."""
    task = model.task
    if not task.datasets:
        return
    first = task.datasets[0]
    tested = [other for other in catalog.models(task.slug) if first in other.config.figures]
    if len(tested) < FEWEST or model.id not in {other.id for other in tested}:
        return
    on = figures.dataset_name(task, first)
    best = max(tested, key=lambda other: other.config.figures[first].accuracy)
    smallest = min(tested, key=lambda other: other.config.parameters)
    times = speed.known()
    summary = (
        f"{_rated(smallest, first)}, with the fewest parameters ({_costs(smallest, times)}); "
        f"{_rated(best, first)}, the most accurate ({_costs(best, times)})."
    )
    st.markdown(f"**Accuracy, size and time: the models on {plain(on)}**")
    st.markdown(plain(summary))
    left, right = st.columns(2, gap="large")
    with left:
        charts.against_size(
            [
                charts.Dot(
                    other.title,
                    other.config.parameters,
                    other.config.figures[first].accuracy,
                    times.get(other.id),
                    other.id == model.id,
                )
                for other in tested
            ],
            colours([other.id for other in catalog.models(task.slug)])[model.id],
            summary,
        )
    with right:
        table(
            f"All models, on {on}", ["Model", "Accuracy", "Parameters", "Time per answer"], _rows(tested, first, times)
        )
        for sentence in _differences(model, tested, first):
            caption(sentence)


def _rated(model: Model, dataset: str) -> str:
    return f"{model.title}: {figures.share(model.config.figures[dataset].accuracy)}"


def _costs(model: Model, times: dict[str, float]) -> str:
    """Its parameters and, if measured, its time: "8,490 parameters, 0.3 ms"."""
    time = f", {phrases.milliseconds(times[model.id])}" if model.id in times else ""
    return f"{model.config.parameters:,} parameters{time}"


def _rows(tested: list[Model], dataset: str, times: dict[str, float]) -> list[list[str]]:
    return [
        [
            other.title,
            figures.with_interval(other.config.figures[dataset]),
            f"{other.config.parameters:,}",
            phrases.milliseconds(times[other.id]) if other.id in times else "not measured",
        ]
        for other in tested
    ]


def _seeds(model: Model, dataset: str) -> SeedFigures | None:
    try:
        return Checkpoint.open(model.path).evaluation.seeds.get(dataset)
    except ZooError:
        return None  # the model's own page shows what is wrong with its figures


def _differences(model: Model, tested: list[Model], dataset: str) -> list[str]:
    """A sentence for each other model that was trained with several seeds too."""
    seeds = {other.id: _seeds(other, dataset) for other in tested}
    own, sentences = seeds[model.id], []
    if own is None:
        return ["Trained with one seed; with another, the accuracy would differ slightly."]
    for other in tested:
        if other.id == model.id or (theirs := seeds[other.id]) is None:
            continue
        if found := difference(own.accuracies, theirs.accuracies):
            mean, low, high = (100 * value for value in found)
            seeded = f"{phrases.number_word(len(own.accuracies))} and {phrases.number_word(len(theirs.accuracies))}"
            sentences.append(
                f"{mean:+.2f} percentage points against {other.title} (95% interval {low:+.2f} to {high:+.2f}; "
                f"{seeded} seeds)."
            )
    return sentences
