"""Checks of the slug and the title of a new model."""

import re
from pathlib import Path

from models import catalog
from models.errors import ZooError
from models.task import SLUG

MAX_TITLE = 100  # characters
MAX_LICENCE = 100  # characters
NO_LICENCE = "unknown"  # the Hub's word for a model whose author has not chosen a licence


def free_name(name: str, out: Path | None = None) -> str:
    """Return the slug if it is valid and not used by a shipped model or a page, else raise ZooError.

    out: a folder to write the checkpoint to; with it, the slug may be in use.
    """
    if not re.fullmatch(SLUG, name):
        raise ZooError(
            f"{name!r:.120} is not a valid slug; use lower-case letters, digits and dashes, such as my-model."
        )
    if not out and catalog.is_taken(name):
        raise ZooError(
            f"The slug {name!r} is already used by the Zoo; choose another with --slug, such as {name}-mine."
        )
    return name


def checked_title(title: str | None) -> str | None:
    """The title without surrounding spaces. Raises ZooError unless it is one line of 1 to MAX_TITLE characters."""
    if title is not None and not (title.strip() and title.isprintable() and len(title) <= MAX_TITLE):
        raise ZooError(f"The title {title[:40]!r} is not valid; use one line of 1 to {MAX_TITLE} characters.")
    return title and title.strip()


def checked_licence(licence: str | None) -> str:
    """The licence without surrounding spaces, NO_LICENCE for none.

    Raises ZooError unless it is one line of at most MAX_LICENCE characters.
    """
    licence = (licence or "").strip()
    if not licence.isprintable() or len(licence) > MAX_LICENCE:
        raise ZooError(
            f"The licence {licence[:40]!r} is not valid; use one line of at most {MAX_LICENCE} characters, such as "
            "CC-BY-4.0."
        )
    return licence or NO_LICENCE
