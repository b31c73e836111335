"""Plans the training on a user's own examples: the entry, with its own task, recipe and description."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil, sqrt
from pathlib import Path
from typing import Any

from models import catalog
from models.entry import Entry, Recipe
from models.task import Task
from training import recipe as recipes
from training.custom.collection import Collection, read
from training.custom.table import COLUMNS
from training.custom.task import task_of
from training.data import EXAMPLES
from training.naming import checked_licence, checked_title

STEPS = 1_500  # enough for a small net to converge on a few hundred examples
EPOCHS = (10, 120)  # minimum, maximum
BATCHES = 16  # per epoch, if there are few examples
# What own drawings start from in place of the entry's weights: letters-best has seen many writers. With eight drawings
# of each label, its models stop most drawings of other kinds (`digits` of benchmarks/small_sets.py).
STARTS = {"mnist-conv": "letters-best"}
LITTLE = 500  # with fewer examples, a model is cross-validated, and no epoch is chosen on its few validation examples


@dataclass(frozen=True, eq=False)
class Plan:
    """The examples, the entry to train on them, and their task.

    base: the recipe chosen for the examples, before it was changed.
    """

    examples: Collection
    entry: Entry
    task: Task
    base: Recipe

    @property
    def is_little(self) -> bool:
        """Whether there are too few examples for one validation or test split to be informative."""
        return len(self.examples) < LITTLE

    @property
    def summary(self) -> str:
        """A sentence on how many examples there are and how they are used."""
        examples = self.examples
        if self.is_little:
            return f"{examples.size}: few, so each is tested once, in {examples.rounds} rounds of cross-validation."
        return f"{examples.size}: {examples.split}."


def plan(
    slug: str,
    path: Path,
    *,
    name: str,
    title: str | None,
    task: str | None,
    columns: Mapping[str, str | None] = COLUMNS,
    license: str | None = None,
    **overrides: Any,
) -> Plan:
    """Plan the training of model `name` on the examples at `path` with entry `slug`.

    task: the task's slug (default: `name`). columns: the headings chosen for a CSV. license: the model's (default:
    unknown). overrides: hyperparameters that replace those chosen for the number of examples. Raises ZooError for
    unusable examples, names or hyperparameters.
    """
    entry, title = catalog.entry(slug), checked_title(title)
    collection = read(path, entry.processor(), columns)
    new_task = task_of(collection, task or name, title, model=name)
    recipe = suited(entry.recipe, 3 * len(collection) // 5)
    if entry.boosted:  # the number of rounds does not depend on the number of examples
        recipe = replace(recipe, epochs=entry.recipe.epochs, lr=entry.recipe.lr)
    base = replace(recipe, keep_best=len(collection) >= LITTLE)
    entry = replace(entry, recipe=base)
    entry = replace(
        entry,
        task=new_task.slug,
        outliers=(),  # the examples may be drawings like these
        description=f"Trained like {slug}, on {collection.size}, collected by the model's author.",
        recipe=recipes.changed(entry, overrides),
        license=checked_licence(license),
    )
    return Plan(collection, entry, new_task, base)


def suited(recipe: Recipe, count: int) -> Recipe:
    """The recipe adapted to `count` training examples: for few, smaller batches, a lower learning rate, more epochs.

    Drawings start from STARTS.
    """
    batch = min(recipe.batch, max(8, count // BATCHES))
    epochs = min(max(ceil(STEPS * batch / max(count, 1)), EPOCHS[0]), EPOCHS[1])
    lr = recipe.lr * sqrt(batch / recipe.batch)
    start = STARTS.get(recipe.start_from or "", recipe.start_from)
    return replace(
        recipe, datasets=(EXAMPLES,), few=None, refit=True, batch=batch, epochs=epochs, lr=lr, start_from=start
    )
