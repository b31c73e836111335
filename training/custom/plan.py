"""What is to be made of one's own examples: an entry of the zoo with a task, a recipe and words of its own."""

from dataclasses import dataclass, replace
from math import ceil, sqrt
from pathlib import Path
from typing import Any

from models import catalog
from models.entry import Entry, Recipe
from models.task import Task
from training import recipe as recipes
from training.custom.collection import Collection, read
from training.custom.task import task_of
from training.data import EXAMPLES
from training.naming import checked_title

STEPS = 1_500  # after which a small net has learnt what there is to learn from a few hundred examples
EPOCHS = (10, 120)  # at least, at most
BATCHES = 16  # an epoch, where there are few examples


@dataclass(frozen=True, eq=False)
class Plan:
    """The examples, the entry they are learnt by, and the task they make."""

    own: Collection
    entry: Entry
    task: Task


def plan(slug: str, path: Path, *, name: str, title: str | None, task: str | None, **overrides: Any) -> Plan:
    """How to train the model `name` on the examples at `path` by entry `slug`.

    Raises ZooError before anything is trained.

    task: the task's slug (default: `name`); overrides: hyperparameters, instead of those that suit so many examples.
    """
    entry, title = catalog.entry(slug), checked_title(title)
    own = read(path, entry.processor())
    its_task = task_of(own, task or name, title, model=name)
    entry = replace(entry, recipe=suited(entry.recipe, 3 * len(own) // 5))
    entry = replace(
        entry,
        task=its_task.slug,
        description=f"The net of {slug}, trained on {len(own):,} {own.noun} with {len(own.labels)} labels, collected "
        "by the model's author.",
        recipe=recipes.changed(entry, overrides),
    )
    return Plan(own, entry, its_task)


def suited(recipe: Recipe, count: int) -> Recipe:
    """A recipe for `count` training examples.

    If they are few, smaller batches, a lower learning rate and more epochs.
    """
    batch = min(recipe.batch, max(8, count // BATCHES))
    epochs = min(max(ceil(STEPS * batch / max(count, 1)), EPOCHS[0]), EPOCHS[1])
    lr = recipe.lr * sqrt(batch / recipe.batch)
    return replace(recipe, datasets=(EXAMPLES,), few=None, refit=True, batch=batch, epochs=epochs, lr=lr)
