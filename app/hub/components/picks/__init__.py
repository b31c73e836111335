"""HTML whose elements with `data-pick` can be clicked."""

from app.hub.components.assets import component


def picks(html: str, key: str) -> str | None:
    """Draw the HTML; returns the `data-pick` of an element that was clicked."""
    return component("picks", isolated=False)(key=key, data={"html": html}, on_picked_change=lambda: None).get("picked")
