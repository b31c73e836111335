"""What was found out beyond the test figures: `studies` of `evaluation.json`, each in a sentence, a chart and a table."""

from typing import Annotated, Any

import streamlit as st
from pydantic import BaseModel, Field, FiniteFloat, ValidationError, model_validator

from app.hub import phrases
from app.hub.colours import colours
from app.hub.markup import plain
from app.hub.model import charts, figures
from app.hub.say import aside, sentence, table
from models import catalog
from models.catalog import Model

FEW = 12  # sizes, shares or models that a study is drawn with


class Line(BaseModel):
    """A figure at each size: mean and the ends of its 95% interval."""

    mean: list[FiniteFloat]
    low: list[FiniteFloat]
    high: list[FiniteFloat]


class Learning(BaseModel):
    """What `training/studies/learning_curve.py` writes."""

    sizes: list[Annotated[int, Field(gt=0)]] = Field(min_length=1, max_length=FEW)
    seeds: list[int]
    models: dict[str, Line] = Field(min_length=2, max_length=2)
    difference: Line

    @model_validator(mode="after")
    def _whole(self) -> "Learning":
        lines = (*self.models.values(), self.difference)
        if any(len(part) != len(self.sizes) for line in lines for part in (line.mean, line.low, line.high)):
            raise ValueError("a line has not one value for each size")
        return self


class Share(BaseModel):
    """The falls at one share; the paired differences are [mean, low, high]."""

    share: FiniteFloat
    strongest: FiniteFloat
    random: FiniteFloat
    stand_in: FiniteFloat
    over_random: tuple[FiniteFloat, FiniteFloat, FiniteFloat]
    over_stand_in: tuple[FiniteFloat, FiniteFloat, FiniteFloat]


class Check(BaseModel):
    """What `training/studies/attribution_check.py` writes."""

    dataset: str
    n: int
    shares: list[Share] = Field(min_length=1, max_length=FEW)


class Crossed(BaseModel):
    """What `training/custom/cross_validation.py` writes: every example tested once, by the round that had not seen it."""

    n: Annotated[int, Field(gt=0)]
    accuracy: FiniteFloat
    interval: tuple[FiniteFloat, FiniteFloat]
    accuracies: list[FiniteFloat] = Field(min_length=2, max_length=FEW)
    per_class: dict[str, dict[str, FiniteFloat | None]]


class Piece(BaseModel):
    """The accuracies with one thing changed, on each data set."""

    words: str = Field(max_length=100)
    accuracies: list[FiniteFloat]


class Pieces(BaseModel):
    """What `training/studies/ablation.py` writes: accuracies on each data set, of the recipe as it is with each seed and with each change."""

    datasets: list[str] = Field(min_length=1, max_length=FEW)
    epochs: int
    as_it_is: list[list[FiniteFloat]] = Field(min_length=1, max_length=FEW)
    pieces: list[Piece] = Field(min_length=1, max_length=FEW)

    @model_validator(mode="after")
    def _whole(self) -> "Pieces":
        if any(
            len(row) != len(self.datasets) for row in (*self.as_it_is, *(piece.accuracies for piece in self.pieces))
        ):
            raise ValueError("a row has not one accuracy for each data set")
        return self


def studies(model: Model, found: Any, colour: str) -> None:
    """Those of a model that are known here; one that is not as it should be is said to be so."""
    for name, shape, draw in DRAWN:
        if not isinstance(found, dict) or name not in found:
            continue
        try:
            study = shape.model_validate(found[name])
        except ValidationError:
            sentence(f"The study \u201c{name}\u201d of this model is not as it should be, so it is not shown.")
        else:
            draw(model, study, colour)


def learning_words(study: Learning, titles: dict[str, str]) -> str:
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


def check_words(study: Check) -> str:
    """How much it cost to take away what spoke most for the answers, in one sentence."""
    at = study.shares[-1]
    worth = "clearly more" if at.over_random[1] > 0 else "not clearly more"
    return (
        f"Take away the {at.share:.0%} of an input that spoke most for the answer, and the answer's score falls by "
        f"{at.strongest:.2f}; as much taken at random costs {at.random:.2f}: what it points at matters {worth}."
    )


def crossed_words(study: Crossed) -> str:
    """What the rounds found, together and apart."""
    low, high = min(study.accuracies), max(study.accuracies)
    return (
        f"Trained {phrases.number(len(study.accuracies))} times, each time with other examples held back, until each of the {study.n:,} was "
        f"tested once: right {figures.share(study.accuracy)} of the time (95%: {figures.share(study.interval[0])} to "
        f"{figures.share(study.interval[1])}). The rounds lie between {figures.share(low)} and {figures.share(high)}."
    )


def pieces_words(study: Pieces, noun: str) -> str:
    """What the recipe reaches as it is, and which change costs more than the seeds differ; all on the first data set."""
    seeds = [row[0] for row in study.as_it_is]
    costly = [piece for piece in study.pieces if piece.accuracies[0] < min(seeds)]
    better = [piece for piece in study.pieces if piece.accuracies[0] > max(seeds)]
    told = [
        f"{len(some)} of the {len(study.pieces)} changes {how}"
        for some, how in ((costly, "did worse"), (better, "did better"))
        if some
    ]
    return (
        f"The recipe as it is was right about {figures.share(min(seeds))} to {figures.share(max(seeds))} of {noun}, from seed to seed. "
        f"{' and '.join(told) or 'None of the changes did better or worse'} than all of these."
    )


def _pieces(model: Model, study: Pieces, colour: str) -> None:
    nouns = [figures.dataset_name(model.task, name) for name in study.datasets]
    said = pieces_words(study, nouns[0])
    st.markdown("**What each piece of the recipe brings**")
    st.markdown(plain(said))
    left, right = st.columns(2, gap="large")
    with left:
        charts.pieces(
            [piece.words for piece in study.pieces],
            [piece.accuracies[0] for piece in study.pieces],
            [row[0] for row in study.as_it_is],
            colour,
            said,
        )
    rows = [[f"as it is, {phrases.number(i + 1)}", *map(figures.share, row)] for i, row in enumerate(study.as_it_is)]
    rows += [[piece.words, *map(figures.share, piece.accuracies)] for piece in study.pieces]
    with right:
        table("Right, with one thing changed at a time", ["what", *nouns], rows)
        aside(
            f"Trained {phrases.number(study.epochs)} rounds each, less than the model itself, and tried on the examples that choices are "
            "made by, not on the test. The band is the recipe as it is, with several seeds."
        )


def _crossed(model: Model, study: Crossed, colour: str) -> None:
    said = crossed_words(study)
    st.markdown("**Tested on every example**")
    st.markdown(plain(said))
    left, right = st.columns(2, gap="large")
    with left:
        charts.rounds(study.accuracies, study.accuracy, study.interval, colour, said)
    rows = [
        [
            model.task.display_name(label),
            figures.share(one.get("recall")),
            figures.share(one.get("precision")),
            f"{one.get('n') or 0:,.0f}",
        ]
        for label, one in study.per_class.items()
    ]
    with right:
        table("Each label on its own, over all rounds", ["label", "found", "right when said", "of"], rows)
        aside("This checkpoint is the net of the first round.")


def _learning(model: Model, study: Learning, colour: str) -> None:
    here = {other.id: other for other in catalog.models(model.task.slug)}
    titles = {slug: here[slug].title if slug in here else slug for slug in study.models}
    paint = {**colours([*here, *(slug for slug in titles if slug not in here)]), model.id: colour}
    said = learning_words(study, titles)
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


def _check(model: Model, study: Check, colour: str) -> None:
    said = check_words(study)
    st.markdown("**Does what it points at matter?**")
    st.markdown(plain(said))
    falls = {
        "what spoke most": [at.strongest for at in study.shares],
        "an obvious guess": [at.stand_in for at in study.shares],
        "as much at random": [at.random for at in study.shares],
    }
    left, right = st.columns(2, gap="large")
    with left:
        charts.falls([at.share for at in study.shares], falls, colour, said)
    rows = [
        [
            f"{at.share:.0%}",
            *(f"{fall[i]:.2f}" for fall in falls.values()),
            *(f"{mean:.2f} ({low:.2f} to {high:.2f})" for mean, low, high in (at.over_random, at.over_stand_in)),
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


DRAWN = (
    ("cross-validation", Crossed, _crossed),
    ("learning curve", Learning, _learning),
    ("pieces", Pieces, _pieces),
    ("evidence", Check, _check),
)
