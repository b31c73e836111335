"""The lessons of the hub, found in this folder: each file declares a `LESSON`."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

INTRODUCTION = "Each lesson is one idea that you can try out at once, in the browser, without installing anything."


@dataclass(frozen=True)
class Lesson:
    """A page on which one idea can be tried out.

    slug: its part of the address, `/lessons/<slug>`. goals: what one learns, three sentences. challenge: a question to
    answer by trying; answer: its answer, folded away. tasks: slugs of the tasks whose models use the idea.
    order: its place in the list. draw: draws everything between the goals and the challenge.
    """

    slug: str
    title: str
    goals: tuple[str, str, str]
    challenge: str
    answer: str
    tasks: tuple[str, ...]
    order: int
    draw: Callable[[], None]


@cache
def lessons() -> dict[str, Lesson]:
    """Every lesson by slug, in order."""
    modules = (importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    return {lesson.slug: lesson for lesson in sorted((module.LESSON for module in modules), key=lambda it: it.order)}
