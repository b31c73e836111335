"""The pages of the menu, in its order, each with the function that draws it."""

from functools import partial

from streamlit.navigation.page import Page

from app.hub import links
from app.hub.lab import access
from app.hub.views import home, lab, lessons, model, task
from models import catalog

OWN = "Your tasks"  # a list of its own in the menu, which has no room for any number of them


def pages() -> dict[str, list[Page]]:
    """By heading: home, the shipped tasks, the models, the lessons and the lab; then the user's own tasks."""
    tasks = {slug: links.task(each, partial(task.show, slug)) for slug, each in catalog.tasks().items()}
    own = [page for slug, page in tasks.items() if catalog.is_own_task(slug)]
    shipped = [page for page in tasks.values() if page not in own]
    rest = [links.models(model.show), links.lessons(lessons.show), links.lab(lab.show, hidden=not access.is_open())]
    menu = {"": [links.home(home.show), *shipped, *rest]}
    return {**menu, OWN: own} if own else menu
