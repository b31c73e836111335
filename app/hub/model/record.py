"""A model's record, a part of its page each: figures, mistakes, training, code, files."""

import re
from html import escape
from typing import Any

import streamlit as st

from app import speed
from app.hub import phrases
from app.hub.markup import plain
from app.hub.model import charts, confusion, figures
from app.hub.model.snippets import snippets
from app.hub.say import aside, facts, sentence
from models.catalog import Model
from models.checkpoint import Checkpoint
from models.config import Figure

WEAK = 0.5  # share of a label's inputs that are found, below which it is marked
LITTLE = 100  # inputs in a test, below which its figure says little


def head(model: Model, checkpoint: Checkpoint) -> None:
    """The few figures one wants first."""
    shown = [(name, figures.with_interval(model.config.figures[name])) for name in model.config.figures]
    training = model.config.training
    made = figures.duration(training["seconds"]) if training.get("seconds") else ""
    facts(
        *((f"right on {figures.dataset_name(model.task, name)}", value) for name, value in shown[:3]),
        ("numbers in it", figures.size(model.config.parameters)),
        *([("answers here in", phrases.milliseconds(took))] if (took := speed.known().get(model.id)) else []),
        *([("trained in", f"{made}, seed {training.get('seed')}")] if made else []),
        ("licence", model.config.license),
    )


def cross_validated(evaluation: dict[str, Any]) -> None:
    """The figure of all rounds, of a model of few examples: one test part alone is a matter of luck."""
    if found := (evaluation.get("studies") or {}).get("cross-validation"):
        figure = Figure(**{name: found[name] for name in ("accuracy", "interval", "n")})
        facts(("right in all rounds of a cross-validation", figures.with_interval(figure)))


def tested(model: Model, evaluation: dict[str, Any], colour: str) -> None:
    """How often it is right, how far it can be believed, and what it does with what is not of its task."""
    sets = figures.tested(evaluation, model)
    if not sets:
        sentence("This model was not tested yet; `zoo evaluate` does it.")
        return
    first, figure = next(iter(sets.items()))
    on = plain(figures.dataset_name(model.task, first))
    if figure["n"] < LITTLE and "cross-validation" not in (evaluation.get("studies") or {}):
        aside(
            f"Only {figure['n']} were held back to test it, so these figures say little; more examples make better ones."
        )
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(
            f"**{phrases.right(figure['accuracy'], figure['n']).capitalize()} times** on {on}. Each label on its own:"
        )
        _per_class(model, figure["per_class"])
    with right:
        error = f"{100 * figure['ece']:.1f} points" if figure.get("ece") is not None else "not measured"
        st.markdown(
            f"**When it says 90%, is it right 9 times of 10?** On the line it is; off it by {error} on average.",
            help="Calibration: the mean distance between how sure it was and how often it was right, in 15 bins (ECE).",
        )
        charts.reliability(figure.get("reliability", []), colour)
    _foreign(model, evaluation.get("foreign") or {}, sets)


def mistakes(model: Model, checkpoint: Checkpoint, evaluation: dict[str, Any]) -> None:
    """What it takes for what: in words, then all of it."""
    sets = {name: figure for name, figure in figures.tested(evaluation, model).items() if figure.get("confusion")}
    if not sets:
        sentence("Its mistakes were not counted yet; `zoo evaluate` does it.")
        return
    names = list(sets)
    picked = st.pills(
        "Test set",
        names,
        default=names[0],
        format_func=lambda name: plain(figures.dataset_name(model.task, name)),
        key=f"mistakes-{model.id}",
    )
    name = picked if picked in names else names[0]  # another evaluation may have taken its set away
    labels = [model.task.display_name(label) for label in sets[name]["per_class"]]
    counts = sets[name]["confusion"]
    worst = figures.worst(labels, counts)
    told = "; ".join(f"**{plain(was)}** taken for **{plain(taken)}**: {times}\u00d7" for was, taken, times in worst)
    st.markdown(f"Most often wrong: {told}." if worst else "It made no mistake here.")
    confusion.matrix(model, checkpoint, name, labels, counts)


def trained(model: Model, checkpoint: Checkpoint, colour: str) -> None:
    """The training curve and the card."""
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(
            "**How often it was right on the validation part, epoch by epoch**",
            help="An epoch is one pass over all training examples.",
        )
        charts.training_curve(checkpoint.history, colour)
    with right:
        for data in model.config.data:
            st.markdown(f"Trained on **{plain(data.name)}**: {plain(data.source)} (licence: {plain(data.licence)})")
        _seeds(model, checkpoint.evaluation.get("seeds") or {})
    with st.expander("The whole card"):
        st.markdown(card(checkpoint.card))


def code(model: Model, address: str) -> None:
    """A copyable way in for each surface."""
    ways = snippets(model, address)
    for tab, text in zip(st.tabs(list(ways)), ways.values(), strict=True):
        tab.code(text, language=None, wrap_lines=True)  # the colours of Streamlit's highlighter are too faint to read


def files(model: Model, checkpoint: Checkpoint) -> None:
    """What the checkpoint holds."""
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(digest[:12])}\u2026</td></tr>"
        for name, digest in sorted(model.config.files.items())
    )
    head = '<thead><tr><th scope="col">file</th><th scope="col">sha256</th></tr></thead>'
    st.html(f'<table class="zoo-table">{head}<tbody>{rows}</tbody></table>')
    aside(
        f"Checkpoint {checkpoint.fingerprint}, {model.origin}, made with "
        + ", ".join(f"{k} {v}" for k, v in model.config.versions.items())
    )
    aside(f"`zoo verify {model.id}` tries its answers on every surface of this machine.")


def card(text: str) -> str:
    """The card without the Hub's front matter and its title; pictures become links: nothing is loaded from afar."""
    body = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    body = re.sub(r"\A\s*# .*\n", "", body)
    return re.sub(r"!+(?=\[)", "", body)


def _per_class(model: Model, classes: dict[str, dict[str, float]]) -> None:
    weak = [label for label, one in classes.items() if one["n"] and one["recall"] < WEAK]
    rows = "".join(
        f"<tr><td>{escape(model.task.display_name(label))}{' (weak)' if label in weak else ''}</td><td>{figures.share(one['recall'])}</td><td>{figures.share(one['precision'])}</td><td>{one['n']:,}</td></tr>"
        for label, one in classes.items()
    )
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("label", "found", "right when said", "of"))
    table = f'<table class="zoo-table"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    st.html(f'<div class="zoo-scroll">{table}</div>')
    aside(
        "Found: of all inputs with this label, how many it got (recall). "
        "Right when said: of its answers with this label, how many were right (precision)."
        + (" Weak: of these it misses more than it finds." if weak else "")
    )


def _foreign(model: Model, foreign: dict[str, Any], sets: dict[str, Any]) -> None:
    if not foreign:
        return
    st.markdown(f"**How often it says that something is not {plain(model.task.noun)}, when it is not:**")
    facts(
        *(
            (f"of {figures.dataset_name(model.task, name)}", figures.share(one["abstained"]))
            for name, one in foreign.items()
        )
    )
    kept = ", ".join(
        f"{figures.share(one['kept'])} of {figures.dataset_name(model.task, name)}"
        for name, one in sets.items()
        if one.get("kept") is not None
    )
    if kept:
        aside(f"What it should answer, it answers: {kept}.")


def _seeds(model: Model, seeds: dict[str, Any]) -> None:
    for name, one in seeds.items():
        times = phrases.number(len(one["accuracies"]))
        each = ", ".join(figures.share(value) for value in one["accuracies"])
        on = plain(figures.dataset_name(model.task, name))
        st.markdown(f"Trained with {times} seeds, right on {on}: {each}; mean {figures.share(one['mean'])}.")
