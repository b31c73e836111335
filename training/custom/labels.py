"""The labels of a user's own examples: in which order they are shown, and which look alike."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

INVISIBLE = ("Cf", "Cc", "Zl", "Zp")  # categories of characters without a shape
NUMBER = re.compile(r"[-+\u2212]?\d+(?:\.\d+)?")


def in_order(labels: Iterable[str]) -> list[str]:
    """The labels sorted as people do: numbers by value (2, 10), also inside names (room 2, room 10)."""
    labels = list(labels)
    if all(NUMBER.fullmatch(label) for label in labels):
        return sorted(labels, key=lambda label: (float(label.replace("\u2212", "-")), label))
    return sorted(labels, key=lambda label: ([_part(part) for part in re.split(r"(\d+)", label)], label))


def _part(text: str) -> tuple[int, str]:
    """A run of digits, or of other characters. The number of digits comes first, as in a number without zeros."""
    digits = text.lstrip("0")
    return (len(digits), digits) if text.isdecimal() else (0, text)


def alike(labels: Iterable[str]) -> list[list[str]]:
    """Groups of labels that differ only in case, spaces, width or invisible characters."""
    groups = defaultdict(list)
    for label in in_order(labels):
        groups[_folded(label)].append(label)
    return [group for group in groups.values() if len(group) > 1]


def _folded(label: str) -> str:
    visible = "".join(letter for letter in label if unicodedata.category(letter) not in INVISIBLE)
    return "".join(unicodedata.normalize("NFKC", visible).casefold().split())
