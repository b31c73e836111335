"""The arguments of `zoo train` that repeat a run."""

from pathlib import Path
from typing import Any

from training.naming import NO_LICENCE
from training.recipe import flag, options


def arguments(entry: str, settings: dict[str, Any], recipe: dict[str, Any]) -> list[str]:
    """The arguments after `zoo train`, such as ["mnist-cnn", "--slug", "quick", "--epochs", "3"].

    settings: other options by name (slug, seed, ...), of which those at their defaults are left out. recipe:
    hyperparameters, of which only those that are None are.
    """
    words = [entry]
    for name, value in settings.items():
        if value is True:
            words.append(flag(name))
        elif value not in (None, "", False, NO_LICENCE):
            words += [flag(name), str(value.resolve() if isinstance(value, Path) else value)]
    for name in options():
        value = recipe.get(name)
        if isinstance(value, bool):
            words.append(flag(name) if value else f"--no-{flag(name)[2:]}")
        elif value is not None:
            words += [flag(name), ",".join(value) if isinstance(value, tuple | list) else str(value)]
    return [*words, "--no-augment"] if recipe.get("augment") is False else words
