"""The display names of models that are shown side by side."""

from collections import Counter
from collections.abc import Sequence

from models.catalog import Model


def display_names(models: Sequence[Model]) -> dict[str, str]:
    """Model id -> title, followed by the id if two models have the same title, such as your own and a shipped one."""
    counts = Counter(model.title for model in models)
    return {model.id: model.title if counts[model.title] == 1 else f"{model.title} ({model.id})" for model in models}
