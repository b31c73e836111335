"""The button "Copy link". The link is the page's address and, unlike the address, contains the drawing."""

from app.hub.components.assets import component
from models.task import Task


def link(task: Task, ink: str = "", problem: str = "") -> None:
    """Draw the button.

    ink: the code of the drawing (`inputs/ink_code.py`); problem: why there can be no link, in a few words.
    """
    component("link")(key=f"link-{task.slug}", data={"ink": ink, "problem": problem}, width="content")
