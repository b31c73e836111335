"""A model's badge: what `zoo verify` found on this machine, when, and with which versions; nothing where it was not run."""

from html import escape

import streamlit as st

from app.verify.records import Check, Record, verified
from models.catalog import Model
from models.checkpoint import Checkpoint

GOLDEN = "Golden answers: what it said to a few inputs when it was made, and must say to them still, whoever asks."
STATES = {True: "holds", False: "fails", None: "not here"}


def badge(model: Model, checkpoint: Checkpoint) -> None:
    """The badge; a click opens what was checked."""
    record = verified(checkpoint)
    if record is None:
        return  # how to have it checked stands among its files
    kind = "fails" if record.failed else "holds" if record.current else "old"
    st.html(
        f'<details class="zoo-badge {kind}"><summary>{escape(_head(record))}</summary>'
        f'<table class="zoo-table"><tbody>{"".join(map(_row, record.checks))}</tbody></table>'
        f'<p class="zoo-soft">{GOLDEN} With {escape(_versions(record))}.{_again(model, record)}</p></details>'
    )


def _head(record: Record) -> str:
    date = f"{record.date.day} {record.date:%b %Y}"
    if record.failed:
        return f"On {date} this failed: {', '.join(check.what for check in record.failed)}"
    ways = dict.fromkeys(check.what.partition(",")[0] for check in record.passed)
    surfaces = len([way for way in ways if way != "files" and not way.startswith("figures")])
    with_others = "" if record.current else ", with other versions than now"
    return f"Verified on {date}: golden answers, {surfaces} surfaces{with_others}"


def _row(check: Check) -> str:
    return f"<tr><td>{escape(check.what)}</td><td>{STATES[check.holds]}</td><td>{escape(check.found)}</td></tr>"


def _versions(record: Record) -> str:
    return ", ".join(f"{name} {version}" for name, version in record.versions.items())


def _again(model: Model, record: Record) -> str:
    if record.current and not record.failed:
        return ""
    return f" <code>zoo verify {escape(model.id)}</code> checks it again."
