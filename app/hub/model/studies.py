"""The studies of `evaluation.json`, each as a sentence, a chart and a table."""

import streamlit as st

from app.hub import phrases
from app.hub.colours import colours
from app.hub.markup import plain
from app.hub.model import charts, figures
from app.hub.text_blocks import caption, table
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
    """The accuracies with the fewest and the most examples, and where the difference is significant."""
    (first, first_line), (second, second_line) = study.models.items()
    significant = [
        size
        for size, low, high in zip(study.sizes, study.difference.low, study.difference.high, strict=True)
        if low > 0 or high < 0
    ]
    difference = (
        f"The difference is significant with {_listed(significant)} examples."
        if significant
        else "The difference is not significant at any size."
    )
    return (
        f"With {study.sizes[0]} examples per label, {titles[first]} is right {figures.share(first_line.mean[0])} of "
        f"the time and {titles[second]} {figures.share(second_line.mean[0])}; with {study.sizes[-1]} examples, "
        f"{figures.share(first_line.mean[-1])} and {figures.share(second_line.mean[-1])}. {difference}"
    )


def attribution_summary(study: AttributionCheck) -> str:
    """How much removing the strongest evidence lowers the score, compared with removing as much at random."""
    at = study.shares[-1]
    result = "clearly matter more" if at.over_random[1] > 0 else "do not clearly matter more"
    return (
        f"Removing the {at.share:.0%} of an input with the strongest evidence for the answer lowers the answer's "
        f"score by {at.strongest:.2f}; removing the same amount at random lowers it by {at.random:.2f}. The "
        f"highlighted parts {result} than random ones."
    )


def cross_validation_summary(study: CrossValidation) -> str:
    """The accuracy over all folds, and the range of the folds."""
    low, high = min(study.accuracies), max(study.accuracies)
    if study.fold_seed is not None:
        area = f" Area under the ROC curve: {study.auroc:.3f}." if study.auroc is not None else ""
        return (
            f"The {study.n:,} examples were divided into {phrases.number_word(study.rounds)} folds, "
            f"{phrases.number_word(len(study.accuracies))} times; each fold was tested by a model trained on the "
            f"others: {phrases.correct(study)} ({phrases.interval(study)}). The divisions range from "
            f"{figures.share(low)} to {figures.share(high)}.{area}"
        )
    return (
        f"Trained {phrases.number_word(len(study.accuracies))} times, each time with different examples held out, so "
        f"that each of the {study.n:,} examples was tested once: {phrases.correct(study)} "
        f"({phrases.interval(study)}). The folds range from "
        f"{figures.share(low)} to {figures.share(high)}."
    )


def ablation_summary(study: Ablation, noun: str) -> str:
    """On the first data set: the unchanged recipe's accuracy, and how many changes fall outside its seeds' range."""
    seeds = [row[0] for row in study.baseline]
    worse = [change for change in study.changes if change.accuracies[0] < min(seeds)]
    better = [change for change in study.changes if change.accuracies[0] > max(seeds)]
    results = [
        f"{len(changes)} of the {len(study.changes)} changes did {result}"
        for changes, result in ((worse, "worse"), (better, "better"))
        if changes
    ]
    return (
        f"Depending on the seed, the unchanged recipe is right on {figures.share(min(seeds))} to "
        f"{figures.share(max(seeds))} of {noun}. "
        f"{' and '.join(results) or 'None of the changes did better or worse'} than that."
    )


def _ablation(model: Model, study: Ablation, colour: str) -> None:
    datasets = [figures.dataset_name(model.task, name) for name in study.datasets]
    summary = ablation_summary(study, datasets[0])
    st.markdown("**Ablation: what each part of the recipe contributes**")
    st.markdown(plain(summary))
    left, right = st.columns(2, gap="large")
    with left:
        charts.ablation(
            [change.description for change in study.changes],
            [change.accuracies[0] for change in study.changes],
            [row[0] for row in study.baseline],
            colour,
            summary,
        )
    rows = [[f"unchanged, run {i + 1}", *map(figures.share, row)] for i, row in enumerate(study.baseline)]
    rows += [[change.description, *map(figures.share, change.accuracies)] for change in study.changes]
    with right:
        table("Accuracy with one change at a time", ["Change", *datasets], rows)
        caption(
            f"Each variant was trained for {phrases.number_word(study.epochs)} epochs, fewer than the model itself, "
            "and measured on validation data instead of test data. The band is the range of the unchanged recipe over "
            "several seeds."
        )


def _cross_validation(model: Model, study: CrossValidation, colour: str) -> None:
    summary = cross_validation_summary(study)
    st.markdown("**Cross-validation: tested on every example**")
    st.markdown(plain(summary))
    left, right = st.columns(2, gap="large")
    with left:
        unit = "Fold" if study.fold_seed is None else "Division"
        charts.folds(study.accuracies, study.accuracy, study.interval, colour, summary, unit)
    rows = [
        [
            model.task.display_name(label),
            figures.share(each.recall),
            figures.share(each.precision),
            f"{each.n:,}",
        ]
        for label, each in study.per_class.items()
    ]
    with right:
        table("By label, over all folds", ["Label", "Recall", "Precision", "Examples"], rows)
        trained = "then trained on all examples" if study.on_all else "trained on part of the examples"
        caption(f"This checkpoint was {trained}.")


def _learning_curve(model: Model, study: LearningCurve, colour: str) -> None:
    models = {other.id: other for other in catalog.models(model.task.slug)}
    titles = {slug: models[slug].title if slug in models else slug for slug in study.models}
    palette = {**colours([*models, *(slug for slug in titles if slug not in models)]), model.id: colour}
    summary = learning_curve_summary(study, titles)
    st.markdown("**Learning curve: accuracy by number of examples**")
    st.markdown(plain(summary))
    lines = {titles[slug]: (palette[slug], line.mean, line.low, line.high) for slug, line in study.models.items()}
    left, right = st.columns(2, gap="large")
    with left:
        charts.learning_curve(study.sizes, lines, summary)
    columns = [*study.models.values(), study.difference]
    rows = [
        [f"{size:,}", *(f"{100 * c.mean[i]:.1f} ({100 * c.low[i]:.1f} to {100 * c.high[i]:.1f})" for c in columns)]
        for i, size in enumerate(study.sizes)
    ]
    with right:
        table("Accuracy in percent, with 95% intervals", ["Examples", *titles.values(), "Difference"], rows)
        caption(
            f"Each point is the mean over {len(study.seeds)} seeds; for each seed, both models learn from the same "
            "examples."
        )


def _attribution_check(model: Model, study: AttributionCheck, colour: str) -> None:
    default = "the last letters" if model.task.input == "text" else "the darkest ink"  # older checkpoints name none
    summary = attribution_summary(study)
    st.markdown("**Does the evidence point to what matters?**")
    st.markdown(plain(summary))
    drops = {
        "strongest evidence": [at.strongest for at in study.shares],
        "baseline": [at.baseline for at in study.shares],
        "random": [at.random for at in study.shares],
    }
    left, right = st.columns(2, gap="large")
    with left:
        charts.score_drops([at.share for at in study.shares], drops, colour, summary)
    rows = [
        [
            f"{at.share:.0%}",
            *(f"{drop[i]:.2f}" for drop in drops.values()),
            *(f"{mean:.2f} ({low:.2f} to {high:.2f})" for mean, low, high in (at.over_random, at.over_baseline)),
        ]
        for i, at in enumerate(study.shares)
    ]
    with right:
        table(
            "Drop in the answer's score; differences with 95% intervals",
            ["Removed", *drops, "more than random", "more than baseline"],
            rows,
        )
        caption(
            f"Measured on {study.n:,} {figures.dataset_name(model.task, study.dataset)}. The score is the logarithm "
            "of the answer's probability. The baseline removes what looks important without asking the model: "
            f"{study.baseline or default}."
        )


def _listed(sizes: list[int]) -> str:
    numbers = [f"{size:,}" for size in sizes]
    return numbers[0] if len(numbers) == 1 else f"{', '.join(numbers[:-1])} and {numbers[-1]}"
