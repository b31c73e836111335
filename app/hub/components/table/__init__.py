"""The table of all models: sortable, searchable, filtered in the browser."""

from collections.abc import Sequence
from typing import Any

from app import speed
from app.hub import phrases
from app.hub.colours import of_all
from app.hub.components.assets import component
from app.hub.names import display_names
from models.catalog import Model

KEY = "zoo-table"


def table(models: Sequence[Model]) -> tuple[str | None, list[Model]]:
    """The table, sortable and searchable; the id of the model somebody opened, and the models that search and filters leave."""
    colour, called = of_all(models), display_names(models)
    took = speed.known()
    opened = component("table")(
        key=KEY,
        data={"rows": [_row(model, called[model.id], colour[model.id], took.get(model.id)) for model in models]},
        on_opened_change=lambda: None,
        on_shown_change=lambda: None,
    )
    return chosen(opened.get("opened"), opened.get("shown"), models)


def chosen(opened: Any, shown: Any, models: Sequence[Model]) -> tuple[str | None, list[Model]]:
    """What the browser said, whatever it said: an id if it is one of these models', and the models among the ids that are shown."""
    ids = {model.id for model in models}
    left = [one for one in shown if isinstance(one, str)] if isinstance(shown, list) else ids
    return opened if isinstance(opened, str) and opened in ids else None, [one for one in models if one.id in left]


def _row(model: Model, name: str, colour: str, took: float | None) -> dict[str, object]:
    figure = model.figure
    return {
        "id": model.id,
        "title": name,
        "task": model.task.title,
        "colour": colour,
        "right": figure.accuracy if figure else None,
        "low": figure.interval[0] if figure else None,
        "high": figure.interval[1] if figure else None,
        "parameters": model.config.parameters,
        "took": took,
        "speed": phrases.milliseconds(took) if took else "not measured",
    }
