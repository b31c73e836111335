"""The table of training runs, which is sorted, searched and filtered in the browser; selected ones are compared."""

from collections.abc import Sequence
from typing import Any

from app import settings
from app.hub.components.assets import component
from app.hub.lab import words
from app.hub.lab.state import STATES, accuracy, seconds
from models import run_table
from models.runs import Run

KEY = "zoo-runs"
MAX_CHOSEN = 8
MAX_REASON = 160  # characters in a cell


def table(runs: Sequence[Run], tasks: dict[str, str], chosen: Sequence[str] = ()) -> tuple[str | None, list[Run]]:
    """Draw the table; returns the id of a run that was opened, and the selected runs, at most MAX_CHOSEN.

    tasks: titles by slug. chosen: ids that are selected at first.
    """
    names = run_table.differing(runs)
    result = component("runs", "tables.js", "tables.css")(
        key=KEY,
        data={
            "columns": _columns(names),
            "rows": [_row(run, names, tasks.get(run.task, run.task)) for run in runs],
            "chosen": list(chosen),
            "root": settings.root_path(),
        },
        on_opened_change=lambda: None,
        on_chosen_change=lambda: None,
    )
    return valid(result.get("opened"), result.get("chosen"), runs, chosen)


def valid(opened: Any, ticked: Any, runs: Sequence[Run], chosen: Sequence[str] = ()) -> tuple[str | None, list[Run]]:
    """Values from the browser, validated: the opened id if it is one of these runs, and the selected runs."""
    ids = {run.id for run in runs}
    wanted = [id for id in ticked if isinstance(id, str)] if isinstance(ticked, list) else list(chosen)
    listed = [run for run in runs if run.id in wanted][:MAX_CHOSEN]
    return opened if isinstance(opened, str) and opened in ids else None, listed


def _columns(names: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"key": "id", "head": "Run", "left": True},
        {"key": "entry", "head": "Network", "left": True},
        {"key": "accuracy", "head": "Accuracy", "down": True},
        {"key": "loss", "head": "Loss"},
        {"key": "seconds", "head": "Time"},
        {"key": "seed", "head": "Seed"},
        *({"key": f"recipe {name}", "head": words.words(name).label} for name in names),
        {"key": "state", "head": "State", "left": True},
        {"key": "note", "head": "Note", "left": True},
    ]


def _row(run: Run, names: Sequence[str], task: str) -> dict[str, Any]:
    reason = run.reason if len(run.reason) <= MAX_REASON else f"{run.reason[:MAX_REASON]}…"
    cells: dict[str, dict[str, Any]] = {
        "id": {"text": run.id, "value": run.id},
        "entry": {"text": run.entry, "value": run.entry},
        "state": {"text": STATES[run.state], "value": run.state, "more": reason},
        "accuracy": {"text": "", "value": run.accuracy},
        "loss": {"text": "" if run.loss is None else f"{run.loss:.3f}", "value": run.loss},
        "seconds": {"text": "" if run.seconds is None else seconds(run.seconds), "value": run.seconds},
        "seed": {"text": str(run.seed), "value": run.seed},
        "note": {"text": run.note, "value": run.note or None},
    }
    if run.accuracy is not None:
        text, more = accuracy(run)
        cells["accuracy"] |= {"text": text, "more": more}
    for name in names:
        value = run.recipe.get(name)
        cells[f"recipe {name}"] = {
            "text": words.value(name, value),
            "value": value if isinstance(value, int | float) else words.value(name, value),
        }
    text = " ".join([run.id, run.entry, task, run.note, run.sweep])
    return {"id": run.id, "entry": run.entry, "task": task, "state": STATES[run.state], "text": text, "cells": cells}
