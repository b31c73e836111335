"""A model's badge: the results of `zoo verify` on this machine, with date and versions; nothing if it was never run."""

import streamlit as st

from app.hub.markup import escape
from app.verify.records import Check, Record, verified
from models.catalog import Model
from models.checkpoint import Checkpoint

GOLDEN = (
    "Expected answers: the answers to a few inputs, recorded with the model. Every interface must still return them."
)
STATES = {True: "passed", False: "failed", None: "not available here"}


def badge(model: Model, checkpoint: Checkpoint) -> None:
    """Draw the badge; a click on it lists the checks."""
    record = verified(checkpoint)
    if record is None:
        return  # the tab of files shows the command
    kind = "fails" if record.failed else "holds" if record.current else "old"
    st.html(
        f'<details class="zoo-badge {kind}"><summary>{escape(_head(record))}</summary>'
        f'<table class="zoo-table"><tbody>{"".join(map(_row, record.checks))}</tbody></table>'
        f'<p class="zoo-soft">{GOLDEN} Checked with {escape(_versions(record))}.{_again(model, record)}</p></details>'
    )


def _head(record: Record) -> str:
    date = f"{record.date.day} {record.date:%b %Y}"
    if record.failed:
        return f"Failed on {date}: {', '.join(check.what for check in record.failed)}"
    names = {check.what.partition(",")[0] for check in record.passed}
    surfaces = len([name for name in names if name != "files" and not name.startswith("figures")])
    outdated = "" if record.current else ", with different versions"
    return f"Verified on {date}: expected answers, {surfaces} interfaces{outdated}"


def _row(check: Check) -> str:
    return f"<tr><td>{escape(check.what)}</td><td>{STATES[check.holds]}</td><td>{escape(check.detail)}</td></tr>"


def _versions(record: Record) -> str:
    return ", ".join(f"{name} {version}" for name, version in record.versions.items())


def _again(model: Model, record: Record) -> str:
    if record.current and not record.failed:
        return ""
    return f" To check again, run <code>zoo verify {escape(model.id)}</code>."
