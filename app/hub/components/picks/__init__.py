"""HTML in which whatever has `data-pick` can be clicked."""

from app.hub.components.assets import component


def picks(html: str, key: str) -> str | None:
    """HTML whose `data-pick` can be clicked; the one that was."""
    return component("picks", isolated=False)(key=key, data={"html": html}, on_picked_change=lambda: None).get("picked")
