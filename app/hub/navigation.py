"""The pages of the menu, in its order, each with the function that draws it."""

from functools import partial

from streamlit.navigation.page import Page

from app.hub import links
from app.hub.views import home, lessons, model, task
from models import catalog


def pages() -> list[Page]:
    """Home, a page for each task of the catalog, the page of models and that of lessons."""
    tasks = [links.task(each, partial(task.show, each.slug)) for each in catalog.tasks().values()]
    return [links.home(home.show), *tasks, links.models(model.show), links.lessons(lessons.show)]
