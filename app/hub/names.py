"""What models are called where several stand side by side."""

from collections import Counter
from collections.abc import Sequence

from models.catalog import Model


def display_names(models: Sequence[Model]) -> dict[str, str]:
    """id -> title, with the id behind it where two have the same: a net one has trained oneself, beside the shipped."""
    often = Counter(model.title for model in models)
    return {model.id: model.title if often[model.title] == 1 else f"{model.title} ({model.id})" for model in models}
