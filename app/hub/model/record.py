"""The parts of a model's page: figures, mistakes, training, code, files."""

import re
from collections.abc import Mapping

import streamlit as st

from app import speed
from app.hub import phrases
from app.hub.markup import REORDERING, escape, plain, shown
from app.hub.model import charts, confusion, figures
from app.hub.model.snippets import snippets
from app.hub.safety import contained
from app.hub.text_blocks import caption, facts, notice, table
from models import hyperparameters
from models.catalog import Model
from models.checkpoint import Checkpoint
from models.config import Figure
from models.evaluation import ClassFigures, CrossValidation, Evaluation, Figures, OodFigures, SeedFigures

MAX_CARD = 50_000  # characters shown; a browser needs seconds for the Markdown of a megabyte
WEAK = 0.5  # recall below which a label is marked
LITTLE = 100  # examples in a test set, below which its figures are rough


def head(model: Model, checkpoint: Checkpoint) -> None:
    """The main figures."""
    shown = list(model.config.figures.items())
    training = model.config.training
    duration = figures.duration(training.seconds) if training.seconds else ""
    facts(
        *((_where(model, name, figure), figures.with_interval(figure)) for name, figure in shown[:3]),
        ("Parameters", f"{model.config.parameters:,}"),
        *(
            [("Time per answer on this machine", phrases.milliseconds(time))]
            if (time := speed.known().get(model.id))
            else []
        ),
        *([("Training time", f"{duration} (seed {training.seed})")] if duration else []),
        ("Licence", model.config.license),
    )


def _where(model: Model, name: str, figure: Figure) -> str:
    if figure.rounds:
        return f"Accuracy in cross-validation ({figure.n:,} examples)"
    return f"Accuracy on {figures.dataset_name(model.task, name)}"


def tested(model: Model, evaluation: Evaluation, colour: str) -> None:
    """The test figures: accuracy, recall and precision of each label, calibration, and out-of-distribution inputs."""
    if study := evaluation.studies.cross_validation:
        st.markdown(f"**{figures.share(study.accuracy)} correct** in cross-validation. By label:")
        _per_class(model, study.per_class)
        _ood(model, evaluation.ood, {study.dataset: study})
        return
    sets = figures.tested(evaluation, model)
    if not sets:
        notice("This model has no test results yet. Create them with `zoo evaluate`.")
        return
    first, figure = next(iter(sets.items()))
    on = plain(figures.dataset_name(model.task, first))
    if figure.n < LITTLE:
        caption(
            f"Only {figure.n} examples were held out for testing, so these figures are rough. With more "
            "examples, they become more reliable."
        )
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**{figures.share(figure.accuracy)} correct** on {on}. By label:")
        _per_class(model, figure.per_class)
    with right:
        st.markdown(
            "**When the model is 90% sure, is it right 9 times out of 10?** On the diagonal, confidence equals "
            f"accuracy; on average, they differ by {100 * figure.ece:.1f} percentage points.",
            help="Calibration: the mean distance between confidence and accuracy over 15 bins (ECE).",
        )
        charts.reliability(figure.reliability, colour)
    _ood(model, evaluation.ood, sets)


def mistakes(model: Model, checkpoint: Checkpoint, evaluation: Evaluation) -> None:
    """The most frequent mistakes in words, then the confusion matrix."""
    sets: dict[str, Figures | CrossValidation] = dict(figures.tested(evaluation, model))
    if study := evaluation.studies.cross_validation:
        sets[study.dataset] = study  # in place of the examples held out in the first round alone
    if not sets:
        notice("This model has no test results yet. Create them with `zoo evaluate`.")
        return
    names = list(sets)
    picked = st.pills(
        "Test set",
        names,
        default=names[0],
        format_func=lambda name: plain(figures.dataset_name(model.task, name)),
        key=f"mistakes-{model.id}",
    )
    name = picked if picked in names else names[0]  # a new evaluation may have removed the one that was picked
    labels = [model.task.display_name(label) for label in sets[name].per_class]
    counts = sets[name].confusion
    worst = figures.worst(labels, counts)
    pairs = "; ".join(
        f"**{plain(shown(label))}** mistaken for **{plain(shown(answer))}**: {n}\u00d7" for label, answer, n in worst
    )
    st.markdown(f"Most frequent mistakes: {pairs}." if worst else "No mistakes on this test set.")
    if study and name == study.dataset:
        caption(f"Over {study.rounds} rounds of cross-validation, in which each example was tested once.")
        confusion.matrix(model, checkpoint, None, labels, counts)
    else:
        confusion.matrix(model, checkpoint, name, labels, counts)


def trained(model: Model, checkpoint: Checkpoint, colour: str) -> None:
    """The training curve and the card."""
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(
            "**Accuracy on the validation set, by epoch**",
            help="An epoch is one pass over the training data.",
        )
        charts.training_curve(checkpoint.history, colour)
    with right:
        for data in model.config.data:
            st.markdown(f"Trained on **{plain(data.name)}**: {plain(data.source)} (licence: {plain(data.licence)})")
        _seeds(model, checkpoint.evaluation.seeds)
    with contained():
        _recipe(model)
    with st.expander("Model card"):
        st.markdown(card(checkpoint.card))


def _recipe(model: Model) -> None:
    """The hyperparameters: a table of those that differ from their defaults, the others to open."""
    known = hyperparameters.of(model.config.training.recipe)
    if not known:
        return
    rows = [
        [each.name, each.shown, each.shown_default or "\u2013", each.description] for each in known if each.is_changed
    ]
    st.markdown("**Recipe**")
    with st.container(key="recipe"):
        table("Settings that differ from the defaults", ("Setting", "Value", "Default", "Meaning"), rows)
        with st.expander("Settings with default values"):
            same = [[each.name, each.shown, each.description] for each in known if not each.is_changed]
            table("Settings with default values", ("Setting", "Value", "Meaning"), same)


def code(model: Model, address: str) -> None:
    """Code to copy for each surface."""
    ways = snippets(model, address)
    for tab, text in zip(st.tabs(list(ways)), ways.values(), strict=True):
        tab.code(text, language=None, wrap_lines=True)  # the colours of Streamlit's highlighter are too faint to read


def files(model: Model, checkpoint: Checkpoint) -> None:
    """The checkpoint's files with their hashes."""
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(digest[:12])}\u2026</td></tr>"
        for name, digest in sorted(model.config.files.items())
    )
    head = '<thead><tr><th scope="col">File</th><th scope="col">SHA-256</th></tr></thead>'
    st.html(f'<table class="zoo-table">{head}<tbody>{rows}</tbody></table>')
    caption(
        f"Checkpoint {checkpoint.fingerprint}, {model.origin}, created with "
        + ", ".join(f"{k} {v}" for k, v in model.config.versions.items())
    )
    caption(f"Run `zoo verify {model.id}` to check its answers through every interface of the Zoo.")


def card(text: str) -> str:
    """The card without the Hub's front matter and without its title.

    Pictures become links, so nothing is loaded from another host. Formulas, which could cover the page, are shown as
    they are written, and a card of extreme length is cut.
    """
    text = REORDERING.sub("\ufffd", text)
    if len(text) > MAX_CARD:
        text = f"{text[:MAX_CARD]}\n\n(The rest of the card is not shown.)"
    body = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    body = re.sub(r"\A\s*# .*\n", "", body)
    return re.sub(r"(?<!\\)\$", r"\\$", re.sub(r"!+(?=\[)", "", body))


def _per_class(model: Model, classes: dict[str, ClassFigures]) -> None:
    weak = [label for label, each in classes.items() if each.n and each.recall < WEAK]
    rows = "".join(
        f"<tr><td>{escape(model.task.display_name(label))}{' (weak)' if label in weak else ''}</td>"
        f"<td>{figures.share(each.recall)}</td><td>{figures.share(each.precision)}</td><td>{each.n:,}</td></tr>"
        for label, each in classes.items()
    )
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("Label", "Recall", "Precision", "Examples"))
    table = f'<table class="zoo-table"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    st.html(f'<div class="zoo-scroll">{table}</div>')
    caption(
        "Recall: the share of the examples with this label that the model got right. Precision: the share of the "
        "answers with this label that are right." + (" Weak: recall below 50%." if weak else "")
    )


def _ood(model: Model, ood: dict[str, OodFigures], sets: Mapping[str, Figures | CrossValidation]) -> None:
    if not ood:
        return
    st.markdown(f"**How often the model gives no answer if the input is not {plain(model.task.noun)}:**")
    names = ((phrases.capitalized(figures.dataset_name(model.task, name)), each) for name, each in ood.items())
    facts(*((name, figures.share(min(1.0, each.abstained + each.refused))) for name, each in names))
    answered = ", ".join(
        f"{figures.share(each.kept)} of {figures.dataset_name(model.task, name)}"
        for name, each in sets.items()
        if each.kept is not None
    )
    if answered:
        caption(f"It gives an answer for {answered}.")


def _seeds(model: Model, seeds: dict[str, SeedFigures]) -> None:
    for name, each in seeds.items():
        accuracies = ", ".join(figures.share(accuracy) for accuracy in each.accuracies)
        on = plain(figures.dataset_name(model.task, name))
        count = phrases.number_word(len(each.accuracies))
        st.markdown(f"Accuracy on {on} with {count} seeds: {accuracies}; mean {figures.share(each.mean)}.")
