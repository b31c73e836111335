"""What a new model may be called: its id, and the title that people read."""

import re
from pathlib import Path

from models import catalog
from models.errors import ZooError
from models.task import SLUG

LONGEST = 100  # letters of a title


def free_name(name: str, out: Path | None = None) -> str:
    """The id, if it may be taken: it is a slug, no shipped slug (but into a folder of one's own), no reserved word."""
    if not re.fullmatch(SLUG, name):
        raise ZooError(f"The name {name!r:.120} does not do; take small letters, digits and dashes, such as my-model.")
    if not out and catalog.is_taken(name):
        raise ZooError(
            f"The name {name!r} is taken by the zoo itself; choose another with --slug, for instance {name}-mine."
        )
    return name


def checked_title(title: str | None) -> str | None:
    """The title without blanks around it, if it is one line of at most LONGEST letters."""
    if title is not None and not (title.strip() and title.isprintable() and len(title) <= LONGEST):
        raise ZooError(f"The title {title[:40]!r} does not do; take one line of at most {LONGEST} letters.")
    return title and title.strip()
