"""The button "copy link": what stands in the address, and the drawing, which is put into links alone."""

from app.hub.components.assets import component
from models.task import Task


def link(task: Task, ink: str = "", problem: str = "") -> None:
    """The button. ink: the drawing's letters (`inputs/ink_code.py`); problem: a few words where there can be no link."""
    component("link")(key=f"link-{task.slug}", data={"ink": ink, "problem": problem}, width="content")
