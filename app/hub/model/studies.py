"""What was found out beyond the test figures: `studies` of `evaluation.json`, each in a sentence, a chart and a table."""

import streamlit as st

from app.hub import phrases
from app.hub.colours import colours
from app.hub.markup import plain
from app.hub.model import charts, figures
from app.hub.say import aside, table
from models import catalog
from models.catalog import Model
from models.evaluation import Ablation, AttributionCheck, CrossValidation, LearningCurve, Studies


def show_studies(model: Model, studies: Studies, colour: str) -> None:
    """The studies of a model, each in a sentence, a chart and a table."""
    if studies.cross_validation:
        _cross_validation(model, studies.cross_validation, colour)
    if studies.learning_curve:
        _learning_curve(model, studies.learning_curve, colour)
    if studies.ablation:
        _ablation(model, studies.ablation, colour)
    if studies.attribution_check:
        _attribution_check(model, studies.attribution_check, colour)


def learning_curve_summary(study: LearningCurve, titles: dict[str, str]) -> str:
    """What few examples were worth to each, and how many it takes until the difference is no more than chance."""
    (first, one), (second, other) = study.models.items()
    few, many = study.sizes[0], study.sizes[-1]
    told = [
        size
        for size, low, high in zip(study.sizes, study.difference.low, study.difference.high, strict=True)
        if low > 0 or high < 0
    ]
    sure = (
        f"The difference is more than chance with {_listed(told)} examples."
        if told
        else "The difference is nowhere more than chance."
    )
    return (
        f"With {few} examples of each label {titles[first]} is right {figures.share(one.mean[0])} of the time, "
        f"{titles[second]} {figures.share(other.mean[0])}; with {many} {figures.share(one.mean[-1])} and "
        f"{figures.share(other.mean[-1])}. {sure}"
    )


def attribution_summary(study: AttributionCheck) -> str:
    """How much it cost to take away what spoke most for the answers, in one sentence."""
    at = study.shares[-1]
    worth = "clearly more" if at.over_random[1] > 0 else "not clearly more"
    return (
        f"Take away the {at.share:.0%} of an input that spoke most for the answer, and the answer's score falls by "
        f"{at.strongest:.2f}; as much taken at random costs {at.random:.2f}: what it points at matters {worth}."
    )


def cross_validation_summary(study: CrossValidation) -> str:
    """What the rounds found, together and apart."""
    low, high = min(study.accuracies), max(study.accuracies)
    return (
        f"Trained {phrases.number(len(study.accuracies))} times, each time with other examples held back, until each of the {study.n:,} was "
        f"tested once: right {figures.share(study.accuracy)} of the time (95%: {figures.share(study.interval[0])} to "
        f"{figures.share(study.interval[1])}). The rounds lie between {figures.share(low)} and {figures.share(high)}."
    )


def ablation_summary(study: Ablation, noun: str) -> str:
    """What the recipe reaches as it is, and which change costs more than the seeds differ; all on the first data set."""
    seeds = [row[0] for row in study.baseline]
    costly = [change for change in study.changes if change.accuracies[0] < min(seeds)]
    better = [change for change in study.changes if change.accuracies[0] > max(seeds)]
    told = [
        f"{len(some)} of the {len(study.changes)} changes {how}"
        for some, how in ((costly, "did worse"), (better, "did better"))
        if some
    ]
    return (
        f"The recipe as it is was right about {figures.share(min(seeds))} to {figures.share(max(seeds))} of {noun}, from seed to seed. "
        f"{' and '.join(told) or 'None of the changes did better or worse'} than all of these."
    )


def _ablation(model: Model, study: Ablation, colour: str) -> None:
    nouns = [figures.dataset_name(model.task, name) for name in study.datasets]
    said = ablation_summary(study, nouns[0])
    st.markdown("**What each piece of the recipe brings**")
    st.markdown(plain(said))
    left, right = st.columns(2, gap="large")
    with left:
        charts.ablation(
            [change.description for change in study.changes],
            [change.accuracies[0] for change in study.changes],
            [row[0] for row in study.baseline],
            colour,
            said,
        )
    rows = [[f"as it is, {phrases.number(i + 1)}", *map(figures.share, row)] for i, row in enumerate(study.baseline)]
    rows += [[change.description, *map(figures.share, change.accuracies)] for change in study.changes]
    with right:
        table("Right, with one thing changed at a time", ["what", *nouns], rows)
        aside(
            f"Trained {phrases.number(study.epochs)} rounds each, less than the model itself, and tried on the examples that choices are "
            "made by, not on the test. The band is the recipe as it is, with several seeds."
        )


def _cross_validation(model: Model, study: CrossValidation, colour: str) -> None:
    said = cross_validation_summary(study)
    st.markdown("**Tested on every example**")
    st.markdown(plain(said))
    left, right = st.columns(2, gap="large")
    with left:
        charts.rounds(study.accuracies, study.accuracy, study.interval, colour, said)
    rows = [
        [
            model.task.display_name(label),
            figures.share(one.recall),
            figures.share(one.precision),
            f"{one.n:,}",
        ]
        for label, one in study.per_class.items()
    ]
    with right:
        table("Each label on its own, over all rounds", ["label", "found", "right when said", "of"], rows)
        aside("This checkpoint is the net of the first round.")


def _learning_curve(model: Model, study: LearningCurve, colour: str) -> None:
    here = {other.id: other for other in catalog.models(model.task.slug)}
    titles = {slug: here[slug].title if slug in here else slug for slug in study.models}
    paint = {**colours([*here, *(slug for slug in titles if slug not in here)]), model.id: colour}
    said = learning_curve_summary(study, titles)
    st.markdown("**How much it learns from few examples**")
    st.markdown(plain(said))
    lines = {titles[slug]: (paint[slug], line.mean, line.low, line.high) for slug, line in study.models.items()}
    left, right = st.columns(2, gap="large")
    with left:
        charts.learning_curve(study.sizes, lines, said)
    columns = [*study.models.values(), study.difference]
    rows = [
        [f"{size:,}", *(f"{100 * c.mean[i]:.1f} ({100 * c.low[i]:.1f} to {100 * c.high[i]:.1f})" for c in columns)]
        for i, size in enumerate(study.sizes)
    ]
    with right:
        table("In percent, with 95% intervals", ["examples", *titles.values(), "difference"], rows)
        aside(f"Each point is the mean over {len(study.seeds)} seeds; with a seed both learn from the same examples.")


def _attribution_check(model: Model, study: AttributionCheck, colour: str) -> None:
    said = attribution_summary(study)
    st.markdown("**Does what it points at matter?**")
    st.markdown(plain(said))
    falls = {
        "what spoke most": [at.strongest for at in study.shares],
        "an obvious guess": [at.baseline for at in study.shares],
        "as much at random": [at.random for at in study.shares],
    }
    left, right = st.columns(2, gap="large")
    with left:
        charts.falls([at.share for at in study.shares], falls, colour, said)
    rows = [
        [
            f"{at.share:.0%}",
            *(f"{fall[i]:.2f}" for fall in falls.values()),
            *(f"{mean:.2f} ({low:.2f} to {high:.2f})" for mean, low, high in (at.over_random, at.over_baseline)),
        ]
        for i, at in enumerate(study.shares)
    ]
    with right:
        table(
            "Falls of the answer's score; differences with 95% intervals",
            ["taken away", *falls, "more than random", "more than the guess"],
            rows,
        )
        aside(
            f"Measured on {study.n:,} {figures.dataset_name(model.task, study.dataset)}. The score is the logarithm of the answer's "
            "probability. The guess is what an onlooker would take for important: the darkest ink, the last letters, the rarest words."
        )


def _listed(sizes: list[int]) -> str:
    numbers = [f"{size:,}" for size in sizes]
    return numbers[0] if len(numbers) == 1 else f"{', '.join(numbers[:-1])} and {numbers[-1]}"
