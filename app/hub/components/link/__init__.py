"""The button "Copy link". The link is the page's address and, unlike the address, contains the drawing or the form."""

from app.hub.components.assets import component
from models.task import Task


def link(task: Task, name: str = "", code: str = "", problem: str = "") -> None:
    """Draw the button.

    name, code: the parameter of the link that holds the input, and its value (`inputs/ink_code.py`,
    `inputs/fields_code.py`). problem: why there can be no link, in a few words.
    """
    component("link")(key=f"link-{task.slug}", data={"name": name, "code": code, "problem": problem}, width="content")
