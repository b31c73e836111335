"""`zoo train --examples`: trains on a user's own examples, tests the model, and says what would help."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import printable
from training.cli.testing import test_model
from training.command import arguments
from training.data.dataset import Sources
from training.record import Record, interruption, recorded

if TYPE_CHECKING:
    from training.custom.plan import Plan


def train_on_examples(
    entry: str,
    examples: Path,
    columns: dict[str, str | None],
    name: str,
    title: str | None,
    task: str | None,
    run: dict[str, Any],
    recipe: dict[str, Any],
    test: bool,
) -> None:
    """Train on the user's own examples, test the model, and cross-validate it if there are few."""
    from training.custom.plan import plan
    from training.custom.sources import remember
    from training.naming import free_name

    free_name(name, run["out"])
    planned = plan(entry, examples, name=name, title=title, task=task, columns=columns, **recipe)
    print(planned.summary, *map(printable, planned.examples.warnings), sep="\n", file=sys.stderr)
    settings = {"examples": examples, **{f"{column}_column": heading for column, heading in columns.items()}}
    settings |= {"slug": name, "title": title, "task": task, "out": run["out"], "license": recipe["license"]}
    settings |= {"data": run["sources"].root, "device": run["device"], "seed": run["seed"]}
    details = {option: run.pop(option) for option in ("resume", "sweep", "run_id")}
    details |= {"task": planned.task.slug, "seed": run["seed"], "command": arguments(entry, settings, recipe)}
    with recorded(name, planned.entry, planned.entry.recipe, planned.base, **details) as record:
        remember(name, examples, planned.examples, record, columns)
        _train_planned(planned, name, title, run, record, test)


def _train_planned(
    planned: "Plan", name: str, title: str | None, run: dict[str, Any], record: Record, test: bool
) -> None:
    # These import torch, which takes seconds; mistakes in the arguments are reported first.
    from models.checkpoint import Checkpoint
    from training.custom.closing import closing_lines, nothing_learned
    from training.custom.training import calibrate_over_rounds, train_on_examples

    run["sources"] = Sources(run["sources"].root, examples=planned.examples.dataset())
    folder, trained = train_on_examples(planned, name, record, title=title, **run)
    counts = planned.examples.counts
    fitted = trained.validated
    if warning := nothing_learned(fitted.history[fitted.epoch - 1], len(fitted.history), counts):
        print(warning, file=sys.stderr)
    if trained.interrupted:
        print(folder, flush=True)
        print(interruption(record.run), file=sys.stderr)
        print(f"The model is not tested. To test it: zoo evaluate {name} --record", file=sys.stderr)
        return
    if planned.is_little:
        try:
            what = ", then training on all examples" if planned.entry.recipe.refit else ""
            print(
                f"Cross-validating{what}: {planned.examples.rounds - (not what)} more training runs of about "
                f"{trained.seconds:.0f} s; Ctrl-C skips them.",
                file=sys.stderr,
            )
            calibrate_over_rounds(planned, trained, name, title=title, out=run["out"])
        except KeyboardInterrupt:
            print("Interrupted: not cross-validated; the model is saved.", file=sys.stderr)
    if test_model(folder, run["sources"], own=True, skip=not test):
        evaluation = Checkpoint.open(folder).evaluation
        for line in closing_lines(evaluation, planned.task, counts):
            print(line, file=sys.stderr)
