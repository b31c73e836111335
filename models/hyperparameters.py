"""The hyperparameters that a model was trained with, next to their defaults, for its page and `zoo show`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.entry import Augment, Recipe

LONGEST = 80  # characters of a value that are shown
REQUIRED = tuple(name for name, field in Recipe.__pydantic_fields__.items() if field.is_required())


@dataclass(frozen=True)
class Hyperparameter:
    """One hyperparameter. name: as in Python; value: as recorded; required: whether it has no default."""

    name: str
    value: Any
    default: Any
    description: str
    required: bool = False

    @property
    def is_changed(self) -> bool:
        """Whether it differs from its default, or has none."""
        return self.value != self.default

    @property
    def shown(self) -> str:
        """The value as text."""
        return display(self.value)

    @property
    def shown_default(self) -> str:
        """The default as text; empty if there is none."""
        return "" if self.required else display(self.default)


def of(recorded: Mapping[str, Any]) -> list[Hyperparameter]:
    """The hyperparameters in a recorded recipe (`models.config.Training`), in the order of `Recipe`.

    Those that are newer than the checkpoint have their defaults. The amounts of the augmentation follow one by one;
    without augmentation there is the single value None. Unknown ones are left out.
    """
    if not recorded:
        return []
    known = _fields(Recipe)
    augment = recorded.get("augment", {})
    plain = [
        Hyperparameter(name, _plain(recorded.get(name, default)), default, description, name in REQUIRED)
        for name, (default, description) in known.items()
        if name != "augment"
    ]
    if not isinstance(augment, Mapping):
        return [*plain, Hyperparameter("augment", None, "random changes", known["augment"][1])]
    amounts = [
        Hyperparameter(name, _plain(augment.get(name, default)), default, description)
        for name, (default, description) in _fields(Augment).items()
    ]
    return [*plain, *amounts]


def display(value: Any) -> str:
    """A value as text: `none`, `yes`, a list separated by commas, a number to six significant digits."""
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))[:LONGEST]
    return f"{value:g}" if isinstance(value, float) else str(value)[:LONGEST]


def _fields(kind: type[Recipe] | type[Augment]) -> dict[str, tuple[Any, str]]:
    """Name -> (default, description)."""
    return {
        name: (None if field.is_required() else _plain(field.get_default(call_default_factory=True)), field.description)
        for name, field in kind.__pydantic_fields__.items()
    }


def _plain(value: Any) -> Any:
    """A value as in JSON."""
    return list(value) if isinstance(value, tuple) else value
