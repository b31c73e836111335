"""A recipe with some of its numbers changed, by name: what `--epochs 3 --rotate 5` and `train("mnist-cnn", epochs=3)` come to."""

from dataclasses import MISSING, fields, is_dataclass, replace
from typing import Any

from models.entry import Augment, Recipe
from models.errors import ZooError


def names() -> tuple[str, ...]:
    """Every number of a recipe that can be set, those of the augmentation included."""
    plain = [field.name for field in fields(Recipe) if field.name != "augment"]
    return (*plain, *(field.name for field in fields(Augment)))


def changed(recipe: Recipe, overrides: dict[str, Any]) -> Recipe:
    """`recipe` with `overrides` (None leaves a number as it is). Raises ZooError for an unknown name or an impossible value."""
    given = {name: value for name, value in overrides.items() if value is not None}
    unknown = [name for name in given if name not in names()]
    if unknown:
        raise ZooError(f"A recipe has no {unknown[0]!r}; it has {', '.join(names())}.")
    amounts = {name: given.pop(name) for name in [field.name for field in fields(Augment)] if name in given}
    if amounts:
        given["augment"] = replace(recipe.augment or Augment(0, 0, 0, 0, 0), **amounts)
    if isinstance(given.get("datasets"), str):
        given["datasets"] = tuple(name.strip() for name in given["datasets"].split(",") if name.strip())
    new = replace(recipe, **given)
    _check(new)
    return new


def told(numbers: Any) -> dict[str, Any]:
    """The numbers that differ from their defaults, by name, the augmentation's within: what a recipe says when it is told.

    A recipe that gains a new number, which is at its default everywhere, is still told the same.
    """
    different = {}
    for field in fields(numbers):
        value = getattr(numbers, field.name)
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        if value != default:
            different[field.name] = told(value) if is_dataclass(value) else value
    return different


def _check(recipe: Recipe) -> None:
    def want(name: str, fine: bool, expected: str) -> None:
        if not fine:
            raise ZooError(f"{name} is {getattr(recipe, name)}; expected {expected}.")

    want("datasets", bool(recipe.datasets), "one data set or more, divided by commas")
    want("epochs", 1 <= recipe.epochs <= 100_000, "a whole number from 1")
    want("batch", 2 <= recipe.batch <= 65_536, "a whole number from 2 to 65536")
    want("lr", 0 < recipe.lr < 100, "a number above 0")
    want("weight_decay", 0 <= recipe.weight_decay < 10, "0 or a small number")
    want("eps", 0 < recipe.eps < 1, "a small number above 0")
    want("label_smoothing", 0 <= recipe.label_smoothing < 1, "a number from 0 to below 1")
    want("ema", 0 <= recipe.ema < 1, "a number from 0 to below 1")
    want("adversarial", 0 <= recipe.adversarial < 10, "0 or a share of the length, such as 0.3")
    want("few", recipe.few is None or recipe.few >= 1, "a whole number from 1")
    want("warmup", 0 <= recipe.warmup < 1, "a share from 0 to below 1")
    want("head_epochs", recipe.head_epochs >= 0, "0 or a whole number")
    want("distil", recipe.distil >= 0, "0 or a weight")
    want("balance", 0 <= recipe.balance <= 1, "a number from 0 to 1")
