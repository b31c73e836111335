"""`zoo train`: train an entry, on its own data sets or on your examples."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from models import runs
from models.errors import ZooError, printable
from training.cli.options import Data, Device, NoAugment, Seed, with_recipe_options
from training.cli.seeds import ALONE, check_single, parsed, train_seeds
from training.command import arguments
from training.data.dataset import Sources
from training.lock import locked
from training.naming import NO_LICENCE, checked_licence
from training.record import Record, failing, interruption, recorded
from training.torchrun import is_main, joined, size

if TYPE_CHECKING:
    from training.custom.plan import Plan


@with_recipe_options
def train(
    entry: Annotated[
        str | None,
        typer.Argument(
            metavar="[ENTRY]",
            help="The entry to train, such as mnist-cnn (default: with --examples, one that suits them).",
        ),
    ] = None,
    slug: Annotated[str | None, typer.Option(help="ID of the new model (default: ENTRY-mine).")] = None,
    title: Annotated[str | None, typer.Option(help="Title of the new model (default: the entry's title).")] = None,
    examples: Annotated[
        Path | None,
        typer.Option(
            help="Your own examples: a folder with one folder per label, or a CSV file with texts or values and labels."
        ),
    ] = None,
    text_column: Annotated[
        str | None, typer.Option(metavar="HEADING", help="With a CSV of examples: column of the texts (default: text).")
    ] = None,
    label_column: Annotated[
        str | None,
        typer.Option(metavar="HEADING", help="With a CSV of examples: column of the labels (default: label)."),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(
            help="With --examples: slug of a new task, or of one of yours with the same labels "
            "(default: the value of --slug)."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write the checkpoint to, instead of ZOO_HOME/checkpoints/ID.")
    ] = None,
    license: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Licence of the new model, such as CC-BY-4.0 (default: ask; else unknown)."),
    ] = None,
    data: Data = None,
    device: Device = None,
    seed: Seed = None,
    seeds: Annotated[
        str | None,
        typer.Option(
            metavar="N,N",
            help="Train with each of these seeds, such as 0,1,2, and print mean and spread; the first is the model.",
        ),
    ] = None,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Train the --seeds on Ray, as many at a time as there are cores. local starts it on this machine for "
            "this command; auto is the cluster that this machine belongs to; or HOST:PORT.",
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue the run that was interrupted.")] = False,
    sweep: Annotated[str, typer.Option(hidden=True, help="The sweep that the run belongs to.")] = "",
    run_id: Annotated[str | None, typer.Option(hidden=True, help="The queued run that starts now.")] = None,
    test: Annotated[
        bool, typer.Option("--test/--no-test", help="Test the new model afterwards (default: yes).")
    ] = True,
    augment: NoAugment = None,
    **recipe: Any,
) -> None:
    """Train a model, on its data sets or on your examples.

    The new model is called ENTRY-mine and does not replace the shipped one. Without options, the entry is trained
    as the shipped model was. Ctrl-C keeps the best epoch so far; --resume continues an interrupted run.

    With --examples, the model gets a task of its own and is tested on examples held out from training. With fewer than
    500, it is cross-validated and then trained on all of them. Images go in folders, drawings/LABEL/IMAGE; texts in a
    CSV file with the columns text and label; values in a CSV file with a column for each and one for the label. The
    checkpoint contains none of them. Without ENTRY, one is chosen by the kind of the examples: see docs/own-models.md.

    \b
    Examples:
      zoo train mnist-cnn
      zoo train mnist-cnn --epochs 3 --lr 0.01 --slug quick
      zoo train mnist-cnn --datasets digits8x8       needs no download
      zoo train mnist-cnn --seeds 0,1,2              mean and spread over three seeds
      zoo train --examples photos/ --slug my-photos --license CC-BY-4.0
      zoo train letters-scratch --examples drawings/ --slug my-runes --title "My runes"
      zoo train names-ngrams --examples words.csv --slug my-words
      zoo train titanic-mlp --examples people.csv --label-column Survived --slug my-people
    """
    if run_id:  # it is stopped by this signal, which a server in the background of a script ignores
        signal.signal(signal.SIGINT, signal.default_int_handler)
    with failing(run_id), joined(device):
        if entry is None and examples is None:
            raise typer.BadParameter("name an entry, or pass --examples PATH", param_hint="ENTRY")
        if task is not None and examples is None:
            raise ZooError("--task names the task of your own examples; add --examples PATH, or omit --task.")
        columns = {"text": text_column, "label": label_column}
        if ray is not None and seeds is None:
            raise ZooError(ALONE)
        if seeds is not None:
            single = {"seed": seed, "examples": examples, "few": recipe["few"], "out": out, "resume": resume or None}
            check_single(single)
            if size() > 1:
                raise ZooError("--seeds trains in one process; start it without torchrun, or train one seed at a time.")
            numbers = parsed(seeds)
        if any(columns.values()) and examples is None:
            raise ZooError("--text-column and --label-column name columns of your own examples; add --examples FILE.")
        if examples is not None and recipe["datasets"] is not None:
            raise ZooError("--examples and --datasets cannot be combined; omit one of them.")
        if examples is not None and size() > 1:
            raise ZooError("Your own examples are trained on in one process; start it without torchrun.")
        if entry is None:
            from training.custom.choice import chosen_entry

            entry, why = chosen_entry(examples, columns)
            print(f"Chose {entry} for {why}; name another entry to train that instead.", file=sys.stderr)
        name = slug or f"{entry}-mine"
        if not is_main():
            from training.train import take_part

            take_part(entry, seed=seed or 0, device=device, sources=Sources(data), **recipe, augment=augment)
            return
        license = checked_licence(license if license is not None else _asked_licence())
        if seeds is not None:
            recipe |= {"augment": augment}
            with locked(name):
                title_before = _title_of_replaced(name, None)
                title = title_before if title is None else title
                train_seeds(entry, name, title, license, data, device, recipe, numbers, ray=ray, test=test)
            return
        run = {"out": out, "seed": seed or 0, "device": device, "sources": Sources(data), "resume": resume}
        run |= {"sweep": sweep, "run_id": run_id}
        recipe |= {"license": license, "augment": augment}
        with locked(name), interruptions(name):
            if resume and not run_id:
                _check_resumable(name)
            title_before = _title_of_replaced(name, out)  # warns, whatever the new title is
            title = title_before if title is None else title
            if examples is None:
                from training.train import train as train_entry

                folder = train_entry(entry, name=slug, title=title, **run, **recipe)
                _print_interruption(name)
                _test(folder, run["sources"], skip=not test)
            else:
                _train_on_examples(entry, examples, columns, name, title, task, run, recipe, test)
        if out is None:
            unlicensed = " It has no licence yet; zoo push asks for one." if license == NO_LICENCE else ""
            print(
                f"Use it: zoo predict {name} {_input_of(name)}. Compare it with other models: zoo list.{unlicensed}",
                file=sys.stderr,
            )


def _train_on_examples(
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
    from training.custom.closing import closing_lines
    from training.custom.training import calibrate_over_rounds, train_on_examples

    run["sources"] = Sources(run["sources"].root, examples=planned.examples.dataset())
    folder, trained = train_on_examples(planned, name, record, title=title, **run)
    counts = planned.examples.counts
    fitted = trained.validated
    _warn_of_nothing_learnt(fitted.history[fitted.epoch - 1], len(fitted.history), counts)
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
    if _test(folder, run["sources"], own=True, skip=not test):
        evaluation = Checkpoint.open(folder).evaluation
        for line in closing_lines(evaluation, planned.task, counts):
            print(line, file=sys.stderr)


@contextmanager
def interruptions(name: str) -> Iterator[None]:
    """A context in which Ctrl-C before anything is saved prints where it came and how to resume; exit code 130."""
    try:
        yield
    except KeyboardInterrupt:
        if not _print_interruption(name, saved=False):
            print("Interrupted before anything was saved.", file=sys.stderr)
        raise typer.Exit(130) from None


def _print_interruption(name: str, saved: bool = True) -> bool:
    """Print where the latest run of a model was interrupted, if it was; returns whether it was.

    saved: whether its model was.
    """
    latest = max(runs.of_model(name), key=lambda run: run.started or 0, default=None)
    if latest is None or latest.state != "stopped":
        return False
    print(interruption(latest, saved), file=sys.stderr)
    return True


def _check_resumable(name: str) -> None:
    """Raise ZooError if there is no run to resume."""
    if runs.unfinished(name):
        return
    latest = next((run for run in runs.of_model(name) if run.state != "queued"), None)
    if latest and latest.state == "finished":
        raise ZooError(
            f"The last run of {name} is finished, so there is nothing to resume; omit --resume to train again."
        )
    if not any(runs.folder(name).rglob("resume.safetensors")):
        raise ZooError(f"There is no interrupted run of {name} to resume; omit --resume to start one, or see zoo runs.")


def _input_of(name: str) -> str:
    """How the input of a model is written on the command line."""
    from models import catalog

    return "--from FILE" if catalog.find(name).task.input == "fields" else "INPUT"


def _asked_licence() -> str | None:
    """The licence that the user types; None if there is nobody to ask, or nothing is typed."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    question = "Licence of the new model, such as CC-BY-4.0 (Enter: none yet)"
    return typer.prompt(question, default="", show_default=False, err=True)


def _title_of_replaced(name: str, out: Path | None) -> str | None:
    """Warn that a model with this name will be replaced; returns its title if the user chose one."""
    from models import catalog

    mine = [model for model in catalog.models() if model.id == name and model.origin == "mine"]
    if out or not mine:
        return None
    print(f"{name} already exists and will be replaced; choose another --slug to keep both.", file=sys.stderr)
    return None if mine[0].title.endswith(f" ({name})") else mine[0].title  # the default title ends in the name


def _warn_of_nothing_learnt(best: dict[str, float], epochs: int, counts: dict[str, int]) -> None:
    """Warn if always answering the most frequent label would be as accurate.

    best: the row of the best epoch in the history. counts: examples per label.
    """
    label, share = max(counts, key=counts.get), max(counts.values()) / sum(counts.values())
    if best["accuracy"] <= share:
        advice = (
            "more examples, or clearer ones" if best["epoch"] < epochs else "more epochs (--epochs) or more examples"
        )
        print(
            f"The model has learned almost nothing: its accuracy on the validation set is {best['accuracy']:.0%}, "
            f"and always answering {label} would give {share:.0%}. It needs {advice}.",
            file=sys.stderr,
        )


def _test(folder: Path, sources: Sources, own: bool = False, skip: bool = False) -> bool:
    """Test the new model on the data sets that need no download; returns False after Ctrl-C, or if it is skipped.

    own: whether it was trained on a user's own examples; its figures are then not printed here.
    """
    from models.checkpoint import Checkpoint
    from training.evaluate import record_available

    print(folder, flush=True)
    if skip:
        return False
    try:
        print("Testing; Ctrl-C skips it.", file=sys.stderr)
        missing = record_available(folder, sources)
        if missing:
            print(f"Not tested on {', '.join(missing)}, because the data is not on this machine.", file=sys.stderr)
    except KeyboardInterrupt:
        print("Interrupted: not tested; the model is saved.", file=sys.stderr)
        return False
    if own:
        return True
    for name, figures in Checkpoint.open(folder).evaluation.test.items():
        low, high = figures.interval
        print(
            f"Accuracy on {name}: {figures.accuracy:.1%} (95% interval {low:.1%} to {high:.1%}), n = {figures.n:,}",
            file=sys.stderr,
        )
    return True
