"""The arguments of `zoo train` for a choice made in the form: typed and bounded, never a line for a shell."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models import catalog, runs
from models.errors import ZooError

MAX_EPOCHS = 1_000  # of one run from the page
MAX_NAME = 60  # characters of a model's name


@dataclass(frozen=True)
class Choice:
    """What to train.

    changes: the hyperparameters that differ from the entry's, by name. datasets: none if `examples` names the visitor's
    own, a folder or a CSV file. label_column: of such a file. is_valid: whether all numbers are within their limits.
    """

    entry: str
    name: str
    seed: int
    changes: dict[str, Any] = field(default_factory=dict)
    datasets: tuple[str, ...] = ()
    examples: Path | None = None
    label_column: str = ""
    is_valid: bool = True

    @property
    def is_complete(self) -> bool:
        """Whether there are examples to learn from, a name, and no wrong number."""
        return bool((self.datasets or self.examples) and self.name and self.is_valid)


def arguments(choice: Choice) -> list[str]:
    """The arguments of `zoo train`. Only a model of own examples is tested at once: test sets take minutes."""
    words = [choice.entry, "--slug", choice.name, "--seed", str(choice.seed)]
    if choice.examples:
        words += ["--examples", str(choice.examples)]
        words += ["--label-column", choice.label_column] if choice.label_column not in ("", "label") else []
    else:
        words += ["--datasets", ",".join(choice.datasets)]
    for name, value in choice.changes.items():
        words += option(name, value)
    return words if choice.examples else [*words, "--no-test"]


def option(name: str, value: Any) -> list[str]:
    """The option of `zoo train` that sets one hyperparameter."""
    flag = f"--{name.replace('_', '-')}"
    if isinstance(value, bool):
        return [flag if value else f"--no-{flag[2:]}"]
    return [flag, repr(value) if isinstance(value, float) else str(value)]


def check_name(name: str) -> None:
    """Raise ZooError if a model, or a run that waits or trains, has this name: the page replaces none."""
    taken = {model.id for model in catalog.models()} | {
        run.model for run in runs.runs() if run.state in ("queued", "running")
    }
    if name in taken:
        raise ZooError(f"The name {name} is already in use; choose another, such as {free_name(name)}.")


def free_name(entry: str) -> str:
    """A name for a new model of `entry` that no model and no run has: `mnist-cnn-1`."""
    taken = {model.id for model in catalog.models()} | {run.model for run in runs.runs()}
    number = 1
    while f"{entry}-{number}" in taken or catalog.is_taken(f"{entry}-{number}"):
        number += 1
    return f"{entry}-{number}"
