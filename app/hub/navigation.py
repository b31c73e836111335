"""The pages of the menu, in its order, each with the function that draws it."""

from functools import partial

from streamlit.navigation.page import Page

from app.hub import links
from app.hub.lab import access
from app.hub.views import home, lab, lessons, model, task
from models import catalog


def pages() -> list[Page]:
    """Home, a page for each task of the catalog, the pages of models and of lessons, and the lab."""
    tasks = [links.task(each, partial(task.show, each.slug)) for each in catalog.tasks().values()]
    rest = [links.models(model.show), links.lessons(lessons.show), links.lab(lab.show, hidden=not access.is_open())]
    return [links.home(home.show), *tasks, *rest]
