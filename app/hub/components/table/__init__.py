"""The table of all models, which is sorted, searched and filtered in the browser."""

from collections.abc import Sequence
from typing import Any

from app import settings, speed
from app.hub import phrases
from app.hub.colours import of_all
from app.hub.components.assets import component
from app.hub.names import display_names
from models.catalog import Model

KEY = "zoo-table"


def table(models: Sequence[Model]) -> tuple[str | None, list[Model]]:
    """Draw the table; returns the id of a model that was opened, and the models that match search and filters."""
    colour, names = of_all(models), display_names(models)
    times = speed.known()
    opened = component("table", "tables.js", "tables.css")(
        key=KEY,
        data={
            "rows": [_row(model, names[model.id], colour[model.id], times.get(model.id)) for model in models],
            "root": settings.root_path(),
        },
        on_opened_change=lambda: None,
        on_shown_change=lambda: None,
    )
    return valid(opened.get("opened"), opened.get("shown"), models)


def valid(opened: Any, shown: Any, models: Sequence[Model]) -> tuple[str | None, list[Model]]:
    """Values from the browser, validated.

    The opened id if it is one of these models, and the models among the shown ids.
    """
    ids = {model.id for model in models}
    matches = [id for id in shown if isinstance(id, str)] if isinstance(shown, list) else ids
    return opened if isinstance(opened, str) and opened in ids else None, [
        model for model in models if model.id in matches
    ]


def _row(model: Model, name: str, colour: str, milliseconds: float | None) -> dict[str, object]:
    figure = model.figure
    return {
        "id": model.id,
        "title": name,
        "task": model.task.title,
        "colour": colour,
        "accuracy": figure.accuracy if figure else None,
        "low": figure.interval[0] if figure else None,
        "high": figure.interval[1] if figure else None,
        "parameters": model.config.parameters,
        "time": milliseconds,
        "timeText": phrases.milliseconds(milliseconds) if milliseconds else "not measured",
    }
